"""What clients report of their users, until it is written."""

import threading
from functools import partial

from .alarms import alarms
from .connected import Report, connected
from .presence import (
    RENEWAL_TIME,
    UNSEEN_RENEWAL_TIME,
    Persona,
    is_known,
    report,
)

#: How long, in seconds, to wait where somebody else is just writing the row; and how often.
RETRY_TIME = 0.5
MOST_RETRIES = 20


class Reports:
    def __init__(self):
        self._pending = {}
        self._lock = threading.Lock()

    def take(self, record, connection, status, last_presence):
        """Write what is news.

        :param record: a user or guest, with the rights to read their presence
        :param connection: which reports it; None for a request that is none
        :return: whether there was something to write
        """
        persona = Persona.of(record)
        news = Report(status, last_presence)
        if connection:
            news = connected.note(persona, connection, news)
        is_seen = connected.remember(persona, news.last_presence)
        longest_age = RENEWAL_TIME if is_seen else UNSEEN_RENEWAL_TIME
        if is_known(record, news.status, longest_age):
            return False
        self._make(persona, news, longest_age)
        return True

    def agree(self, persona):
        """Write what the connections say that are left, where one has ended that said otherwise."""
        news = connected.agreed(persona)
        if news:
            self._make(persona, news, RENEWAL_TIME)

    def _make(self, persona, news, longest_age):
        """Write it now, or as soon as that does not mean to wait for somebody."""
        with self._lock:
            # What was to be written before is old now.
            before = self._pending.pop(persona, None)
        if before:
            before.cancel()
        self._attempt(persona, news, longest_age, MOST_RETRIES)

    def _attempt(self, persona, news, longest_age, retries):
        if report(persona, *news, longest_age) or not retries:
            return
        again = partial(self._attempt, persona, news, longest_age, retries - 1)
        with self._lock:
            self._pending[persona] = alarms.set(RETRY_TIME, again)


reports = Reports()
