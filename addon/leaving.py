"""Personas that have lost a connection: gone only if none comes back."""

import logging
import threading
from functools import partial

from odoo import fields

from .alarms import alarms
from .connected import call_roll, connected
from .presence import FRESH_TIME, leave, present_in_rows, touch

_logger = logging.getLogger(__name__)

#: How long, in seconds, other processes may take to show that a persona is here.
ROLL_CALL_TIME = 2
#: How long, in seconds, to wait where somebody else is just writing the row.
RETRY_TIME = 5
#: How long after its first connection, in seconds, a process looks for whom one that was killed has
#: left behind: their clients have come back by then. And how often it looks after that.
FIRST_SWEEP = 60
SWEEP_INTERVAL = FRESH_TIME / 2


class Leaving:
    def __init__(self):
        self._alarms = {}
        self._watched = set()
        self._lock = threading.Lock()

    def expect(self, persona, grace):
        """Take the persona as gone unless it has a connection, to whichever process, after a while.

        :param grace: how long to wait, in seconds
        """
        self._set(persona, grace, self._look)

    def watch(self, database):
        """Renew the times of those who stay, and find those whom nobody saw leave."""
        with self._lock:
            if database in self._watched:
                return
            self._watched.add(database)
        alarms.set(FIRST_SWEEP, partial(self._sweep, database, 0))

    def _sweep(self, database, least_age):
        """:param least_age: of the rows that are doubted, in seconds"""
        try:
            for persona in connected.known(database):
                if connected.has(persona):
                    touch(persona, FRESH_TIME)
                elif persona not in self._alarms:
                    connected.forget(persona)
            doubtful = present_in_rows(database, least_age)
            self._call([persona for persona in doubtful if self._is_forgotten(persona)])
        except Exception:
            # The database is gone, for instance. The next connection begins anew.
            _logger.info("Quiet Bus: no look at who is here in %s", database, exc_info=True)
            self._watched.discard(database)
        else:
            next_age = FRESH_TIME + SWEEP_INTERVAL
            alarms.set(SWEEP_INTERVAL, partial(self._sweep, database, next_age))

    def _is_forgotten(self, persona):
        # Who is expected back has time until the grace is over.
        return persona not in self._alarms and not connected.has(persona)

    def _look(self, persona):
        if not connected.has(persona):
            connected.forget(persona)
            self._call([persona])

    def _call(self, personas):
        if not personas:
            return
        # Times in the row have no fractions: what is shown now must not seem older.
        called_at = fields.Datetime.now()
        call_roll(personas)
        for persona in personas:
            self._set(persona, ROLL_CALL_TIME, partial(self._leave, called_at=called_at))

    def _leave(self, persona, called_at):
        if not connected.has(persona) and not leave(persona, called_at):
            self._set(persona, RETRY_TIME, partial(self._leave, called_at=called_at))

    def _set(self, persona, delay, function):
        with self._lock:
            before = self._alarms.get(persona)
            self._alarms[persona] = alarms.set(delay, partial(self._ring, persona, function))
        if before:
            before.cancel()

    def _ring(self, persona, function):
        with self._lock:
            self._alarms.pop(persona, None)
        function(persona)


leaving = Leaving()
