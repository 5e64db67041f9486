"""Users and guests who have lost a connection: gone only if none comes back."""

import logging
import threading
from datetime import timedelta
from functools import partial

from odoo import api, fields
from odoo.addons.bus.websocket import acquire_cursor

from .alarms import alarms
from .connected import connected
from .poll.farewells import RETURN_TIME, longest_silence
from .presence import RENEWAL_TIME, leave, present_in_rows, renew
from .reports import reports
from .roll_call import roll_call
from .settings import POLL_INTERVALS

_logger = logging.getLogger(__name__)

#: How long, in seconds, to wait where somebody else is just writing the row.
RETRY_TIME = 5
#: How long after its first connection, in seconds, a process looks for whom one that was killed has
#: left behind: their clients have come back by then. And how often it looks after that.
FIRST_SWEEP = 120
SWEEP_INTERVAL = 1_800


class Leaving:
    def __init__(self):
        self._alarms = {}
        self._watched = set()
        self._lock = threading.Lock()

    def expect(self, persona, grace):
        """Take the persona as gone unless it has a connection, to whichever process, after a while.

        :param grace: how long to wait, in seconds
        """
        self._set(persona, grace, partial(self._look, left_at=fields.Datetime.now()))

    def watch(self, database):
        """Renew the rows of those who stay, and find those whom nobody saw leave."""
        with self._lock:
            if database in self._watched:
                return
            self._watched.add(database)
        alarms.set(FIRST_SWEEP, partial(self._sweep, database))

    def _sweep(self, database):
        try:
            for persona in connected.known(database):
                if self._is_forgotten(persona):
                    connected.forget(persona)
            doubtful = set()
            for persona, age in present_in_rows(database, self._least_age(database)):
                if self._is_forgotten(persona):
                    doubtful.add(persona)
                elif age >= RENEWAL_TIME:
                    renew(persona, RENEWAL_TIME, connected.active_at(persona))
            self._call(doubtful, fields.Datetime.now() - timedelta(seconds=FIRST_SWEEP))
        except Exception:
            # The database is gone, for instance. The next connection begins anew.
            _logger.info("Quiet Bus: no look at who is here in %s", database, exc_info=True)
            self._watched.discard(database)
        else:
            alarms.set(SWEEP_INTERVAL, partial(self._sweep, database))

    def _least_age(self, database):
        """How old the row of somebody has to be, in seconds, who does not just poll."""
        with acquire_cursor(database) as cr:
            env = api.Environment(cr, api.SUPERUSER_ID, {})
            wait = max(interval.read(env) for interval in POLL_INTERVALS.values())
        return max(FIRST_SWEEP, longest_silence(wait) + RETURN_TIME)

    def _is_forgotten(self, persona):
        # Who is expected back has time until the grace is over.
        return persona not in self._alarms and not connected.has(persona)

    def _look(self, persona, left_at):
        if not connected.has(persona):
            self._call({persona}, left_at, left_at)
        else:
            reports.agree(persona)

    def _call(self, personas, unseen_since, left_at=None):
        """Ask for them all; who is silent, and has not shown itself since, is gone."""
        if not personas:
            return

        def end(silent):
            for persona in personas:
                if persona in silent:
                    self._leave(persona, unseen_since, left_at)
                elif not connected.has(persona):
                    # What only this process knows is not lost.
                    renew(persona, RENEWAL_TIME, connected.active_at(persona))
                    connected.forget(persona)

        roll_call.ask(personas, end)

    def _leave(self, persona, unseen_since, left_at):
        if connected.has(persona):
            return
        if leave(persona, unseen_since, left_at, connected.active_at(persona)):
            connected.forget(persona)
        else:
            again = partial(self._leave, unseen_since=unseen_since, left_at=left_at)
            self._set(persona, RETRY_TIME, again)

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
