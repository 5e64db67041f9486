"""The requests that this process holds: who may have how many, and who is gone."""

import threading
from collections import Counter

import odoo
from odoo import modules
from odoo.addons.bus.websocket import CloseCode
from odoo.service.server import CommonServer
from odoo.tools import config

from .farewells import farewells

#: Most that one session may have: a browser needs one, and one for each tab where tabs can't share.
MOST_PER_SESSION = 30
#: The same for an address from which visitors come: they have no session that is kept.
MOST_PER_ADDRESS = 300
#: Most in all. In the evented process one that waits costs memory only; elsewhere a thread.
MOST_EVENTED = 5_000
MOST_THREADED = 500


class TooMany(Exception):
    """The session, or the address, has as many as it may."""


class HeldPolls:
    def __init__(self):
        self._by_key = {}
        self._by_owner = Counter()
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
        client = held.client
        limit = MOST_PER_SESSION if client.session.uid else MOST_PER_ADDRESS
        with self._lock:
            before = self._by_key.get(client.key)
            if not before:
                if self._by_owner[client.owner] >= limit:
                    raise TooMany()
                self._by_owner[client.owner] += 1
            self._by_key[client.key] = held
        farewells.cancel(client)
        if before:
            before.client.is_gone = True
            before.end(reason="replaced")

    def dismiss(self, held):
        """A request has ended; unless the client soon makes another, it is gone."""
        held.leave()
        client = held.client
        with self._lock:
            if self._by_key.get(client.key) is not held:
                return
            del self._by_key[client.key]
            self._by_owner[client.owner] -= 1
            if not self._by_owner[client.owner]:
                del self._by_owner[client.owner]
        if held.is_abandoned:
            farewells.say(client)
        else:
            farewells.expect(client)

    def end_all(self):
        """The server stops."""
        for held in list(self._by_key.values()):
            held.end(code=CloseCode.GOING_AWAY, reason="the server stops")


held_polls = HeldPolls()
CommonServer.on_stop(held_polls.end_all)
