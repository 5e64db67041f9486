"""The requests that this process holds: who may have how many, and who is gone."""

import functools
import threading
from collections import Counter

import odoo
from odoo import api, modules
from odoo.addons.bus.websocket import CloseCode, acquire_cursor
from odoo.service.server import CommonServer
from odoo.tools import config

from ..alarms import alarms

#: Most that one session may have: a browser needs one, and one for each tab where tabs can't share.
MOST_PER_SESSION = 30
#: The same for an address from which visitors come: they have no session that is kept.
MOST_PER_ADDRESS = 300
#: Most in all. In the evented process one that waits costs memory only; elsewhere a thread.
MOST_EVENTED = 5_000
MOST_THREADED = 500
#: How long, in seconds, a client may be away between two requests before it is taken as gone.
RETURN_TIME = 15


class TooMany(Exception):
    """The session, or the address, has as many as it may."""


class HeldPolls:
    def __init__(self):
        self._by_key = {}
        self._by_owner = Counter()
        self._farewells = {}
        self._lock = threading.Lock()

    def __len__(self):
        return len(self._by_key)

    @property
    def are_possible(self):
        """Whether this process may hold one more."""
        test = modules.module.current_test
        if test and not getattr(test, "are_held_polls_allowed", False):
            # A test's cursor is shared by all that the process does.
            return False
        if odoo.evented:
            return len(self) < MOST_EVENTED
        # An HTTP worker is one of a few, and serves one request at a time.
        return not config["workers"] and len(self) < MOST_THREADED

    def admit(self, held):
        """Take in a request; it takes the place of the one that the client had before.

        :raise TooMany: if it would be one more than its owner may have
        """
        limit = MOST_PER_SESSION if held.session.uid else MOST_PER_ADDRESS
        with self._lock:
            before = self._by_key.get(held.key)
            if not before:
                if self._by_owner[held.owner] >= limit:
                    raise TooMany()
                self._by_owner[held.owner] += 1
            self._by_key[held.key] = held
            farewell = self._farewells.pop(held.key, None)
        if farewell:
            farewell.cancel()
        if before:
            before.end(reason="replaced")

    def dismiss(self, held):
        """A request has ended; unless the client soon makes another, it is gone."""
        held.leave()
        with self._lock:
            if self._by_key.get(held.key) is not held:
                return
            del self._by_key[held.key]
            self._by_owner[held.owner] -= 1
            if not self._by_owner[held.owner]:
                del self._by_owner[held.owner]
            self._farewells[held.key] = alarms.set(
                RETURN_TIME, functools.partial(self._bid_farewell, held)
            )

    def end_all(self):
        """The server stops."""
        for held in list(self._by_key.values()):
            held.end(code=CloseCode.GOING_AWAY, reason="the server stops")

    def _bid_farewell(self, held):
        with self._lock:
            if self._farewells.pop(held.key, None) is None:
                return
        with acquire_cursor(held.key[0]) as cr:
            session = held.session
            env = api.Environment(cr, session.uid, dict(session.context, lang=None))
            env["ir.websocket"]._on_websocket_closed(held.cookies)


held_polls = HeldPolls()
CommonServer.on_stop(held_polls.end_all)
