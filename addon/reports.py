"""What clients report of their users, until it is written."""

import threading
from functools import partial

from .alarms import alarms
from .presence import report

#: How long, in seconds, to wait where somebody else is just writing the row; and how often.
RETRY_TIME = 0.5
MOST_RETRIES = 20


class Reports:
    def __init__(self):
        self._pending = {}
        self._lock = threading.Lock()

    def make(self, persona, status, last_presence):
        """Write it now, or as soon as that does not mean to wait for somebody."""
        with self._lock:
            # What was to be written before is old now.
            before = self._pending.pop(persona, None)
        if before:
            before.cancel()
        self._attempt(persona, status, last_presence, MOST_RETRIES)

    def _attempt(self, persona, status, last_presence, retries):
        if report(persona, status, last_presence) or not retries:
            return
        again = partial(self._attempt, persona, status, last_presence, retries - 1)
        with self._lock:
            self._pending[persona] = alarms.set(RETRY_TIME, again)


reports = Reports()
