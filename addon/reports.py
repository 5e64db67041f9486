"""What clients report of their users, until it is written."""

from functools import partial

from odoo import fields

from .alarms import alarms
from .connected import Report, connected
from .presence import (
    RENEWAL_TIME,
    UNSEEN_RENEWAL_TIME,
    Persona,
    is_known,
    report,
)

#: How long, in seconds, to wait where somebody else is just writing the row, or has locked its
#: owner: at first, and after many attempts. A long transaction of business may last for an hour.
RETRY_TIME = 0.5
LONGEST_RETRY_TIME = 5
MOST_RETRIES = 800


class Reports:
    def __init__(self):
        #: Of each user or guest, what is still to be written.
        self._pending = {}

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
        # What was to be written before is old now.
        self._pending.pop(persona, None)
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
        self._pending[persona] = news
        self._attempt(persona, news, longest_age, fields.Datetime.now(), 0)

    def _attempt(self, persona, news, longest_age, reported_at, retries):
        if self._pending.get(persona) is not news:
            return
        if retries == MOST_RETRIES or report(persona, *news, longest_age, reported_at):
            # Unless there is something newer by now.
            if self._pending.get(persona) is news:
                self._pending.pop(persona, None)
            return
        delay = min(RETRY_TIME * (1 + retries / 10), LONGEST_RETRY_TIME)
        again = partial(self._attempt, persona, news, longest_age, reported_at, retries + 1)
        alarms.set(delay, again)


reports = Reports()
