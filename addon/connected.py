"""Who has a connection to this process, and who has one to any."""

import threading
from weakref import WeakSet

from odoo.addons.bus.models.bus import (
    ODOO_NOTIFY_FUNCTION,
    dispatch,
    get_notify_payloads,
)
from odoo.sql_db import db_connect
from odoo.tools import SQL

from .alarms import alarms
from .presence import touch

#: How often, in seconds, a persona answers that it is here.
ANSWER_INTERVAL = 60


def roll_call_channel(persona):
    return (persona.database, "bus_quiet.roll_call", persona.model, persona.id)


class Answerer:
    """Says for a persona that it is here, when another process asks.

    It has what the dispatcher needs of a websocket.
    """

    def __init__(self, persona, is_here):
        self._persona = persona
        self._is_here = is_here
        self._channels = set()

    def subscribe(self, channels, last):
        self._channels = channels

    def trigger_notification_dispatching(self):
        # Not in the dispatcher's thread, which others wait for.
        alarms.set(0, self._answer)

    def _answer(self):
        if self._is_here():
            touch(self._persona, ANSWER_INTERVAL)


class Connected:
    """The connections of this process, by the persona whose they are."""

    def __init__(self):
        self._connections = {}
        self._answerers = {}
        self._lock = threading.Lock()

    def add(self, persona, connection):
        """:param connection: counts for as long as it is referred to and, with a state, is open"""
        with self._lock:
            self._connections.setdefault(persona, WeakSet()).add(connection)
            if persona in self._answerers:
                return
            answerer = Answerer(persona, lambda: self.has(persona))
            self._answerers[persona] = answerer
        channel = roll_call_channel(persona)
        dispatch.subscribe({channel}, 0, persona.database, answerer)

    def has(self, persona):
        connections = self._connections.get(persona, ())
        return any(_is_open(connection) for connection in list(connections))

    def known(self, database):
        """The personas that have a connection, or had one and were not forgotten."""
        return [persona for persona in list(self._connections) if persona.database == database]

    def forget(self, persona):
        """Forget a persona without a connection."""
        with self._lock:
            if self.has(persona):
                return
            self._connections.pop(persona, None)
            answerer = self._answerers.pop(persona, None)
        if answerer:
            dispatch.unsubscribe(answerer)


def _is_open(connection):
    state = getattr(connection, "state", None)
    return state is None or state.name == "OPEN"


def call_roll(personas):
    """Ask all processes for personas; who has one shows it in its row."""
    with db_connect("postgres").cursor() as cr:
        for payload in get_notify_payloads([roll_call_channel(it) for it in personas]):
            cr.execute(SQL("SELECT %s('imbus', %s)", SQL.identifier(ODOO_NOTIFY_FUNCTION), payload))


connected = Connected()
