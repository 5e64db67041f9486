"""Asks all processes, on all nodes, who is here: by PostgreSQL's NOTIFY, without writing a row."""

import threading
from functools import partial

from odoo.addons.bus.models.bus import ODOO_NOTIFY_FUNCTION, get_notify_payloads
from odoo.sql_db import db_connect
from odoo.tools import SQL

from .alarms import alarms
from .dispatcher import listen, stop_listening

#: How long, in seconds, the others may take to answer.
ANSWER_TIME = 2
#: Answers within so many seconds are given together.
GATHERING_TIME = 0.1


class Listener:
    """Hears of one channel, until it is closed. It has what the dispatcher needs of a websocket."""

    def __init__(self, channel, function):
        self._channels = set()
        self._function = function
        listen(self, {channel}, channel[0])

    def subscribe(self, channels, last):
        self._channels = channels

    def trigger_notification_dispatching(self):
        self._function()

    def close(self):
        stop_listening(self)


class RollCall:
    def __init__(self):
        self._answers = set()
        self._lock = threading.Lock()

    def listen(self, persona, is_here):
        """Answer for a user or guest, whenever somebody asks.

        :param is_here: tells whether they are, and must not take long
        :return: the :class:`Listener`, to be closed
        """

        def hear():
            if is_here():
                self.answer(persona)

        return Listener(_channel(persona, "asked"), hear)

    def answer(self, persona):
        """Say that a user or guest is here, to whoever may have asked."""
        with self._lock:
            is_first = not self._answers
            self._answers.add(persona)
        if is_first:
            # In another thread: the dispatcher's is one that others wait for.
            alarms.set(GATHERING_TIME, self._send_answers)

    def ask(self, personas, then):
        """Ask for users and guests.

        :param then: called later with the set of those for whom nobody has answered
        """
        silent = set(personas)
        listeners = [
            Listener(_channel(persona, "here"), partial(silent.discard, persona))
            for persona in personas
        ]

        def end():
            for listener in listeners:
                listener.close()
            then(silent)

        alarms.set(ANSWER_TIME, end)
        _notify([_channel(persona, "asked") for persona in personas])

    def _send_answers(self):
        with self._lock:
            personas, self._answers = self._answers, set()
        _notify([_channel(persona, "here") for persona in personas])


def _channel(persona, topic):
    return (persona.database, f"bus_quiet.{topic}", persona.model, persona.id)


def _notify(channels):
    with db_connect("postgres").cursor() as cr:
        for payload in get_notify_payloads(channels):
            cr.execute(SQL("SELECT %s('imbus', %s)", SQL.identifier(ODOO_NOTIFY_FUNCTION), payload))


roll_call = RollCall()
