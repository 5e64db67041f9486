"""Goodbyes for clients that do not come back: there is no connection whose end would tell."""

import threading
from functools import partial

from odoo.addons.bus.websocket import acquire_cursor

from ..alarms import alarms
from ..presence import is_fresh, persona_of

#: How long, in seconds, a client may be late with its next request before it is taken as gone.
RETURN_TIME = 15
#: How often, in seconds, a client that other processes may serve as well shows that it is here.
TOUCH_INTERVAL = 20


def longest_silence(wait):
    """How old the row of a client that polls gets, in seconds, while it is here.

    :param wait: how long it was told to wait, in seconds
    """
    return 1.2 * wait + TOUCH_INTERVAL


class Farewells:
    def __init__(self):
        self._alarms = {}
        self._lock = threading.Lock()

    def say(self, client):
        """The client has closed its connection."""
        self._set(client, 0, 0)

    def expect(self, client):
        """Wait for the next request, which this process will get."""
        self._set(client, RETURN_TIME, 0)

    def expect_anywhere(self, client, wait):
        """Wait for the next request, which another process may get.

        :param wait: how long the client was told to wait, in seconds
        """
        longest_age = longest_silence(wait)
        self._set(client, longest_age + RETURN_TIME, longest_age)

    def cancel(self, client):
        """The client is here."""
        with self._lock:
            expected, alarm = self._alarms.pop(client.key, (None, None))
        if alarm:
            alarm.cancel()
            # The same client as its request before, where this is its next.
            expected.is_gone = expected is not client

    def _set(self, client, delay, longest_age):
        self.cancel(client)
        with self._lock:
            ring = partial(self._ring, client, longest_age)
            self._alarms[client.key] = (client, alarms.set(delay, ring))

    def _ring(self, client, longest_age):
        with self._lock:
            if self._alarms.pop(client.key, None) is None:
                return
        client.is_gone = True
        with acquire_cursor(client.database) as cr:
            env = client.env(cr)
            persona = persona_of(env, client.cookies)
            if longest_age and persona and is_fresh(persona, longest_age):
                return
            env["ir.websocket"]._on_websocket_closed(client.cookies)


farewells = Farewells()
