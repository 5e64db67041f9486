"""A clock that is moved ahead by hand: a working day in minutes, without waiting."""

import time
from datetime import datetime, timedelta
from types import SimpleNamespace

from odoo import fields
from odoo.addons.bus.websocket import Websocket
from odoo.addons.bus_quiet.addon import alarms as alarms_module, presence
from odoo.addons.bus_quiet.addon.alarms import alarms
from odoo.addons.mail.models import ir_websocket

#: How long, in seconds, what is due may take.
PATIENCE = 30


class VirtualTime:
    def __init__(self):
        #: How far it is ahead, in seconds.
        self.offset = 0
        self._is_installed = False

    def begin(self):
        """Set the clock to the real time, and let it be moved from now on."""
        self.offset = 0
        if not self._is_installed:
            self._is_installed = True
            self._install()

    def skip(self, seconds):
        """Move the clock ahead; returns when all has rung that is due by then."""
        self.offset += seconds
        with alarms._changed:
            alarms._changed.notify()
        end = time.monotonic() + PATIENCE
        while self._is_something_due():
            if time.monotonic() > end:
                raise TimeoutError(f"what is due takes more than {PATIENCE} seconds")
            time.sleep(0.001)

    def _is_something_due(self):
        with alarms._changed:
            return bool(alarms._queue) and alarms._queue[0][0] <= alarms_module.time.monotonic()

    def _install(self):
        now, monotonic = fields.Datetime.now, time.monotonic
        fields.Datetime.now = staticmethod(
            lambda *_args: now() + timedelta(seconds=int(self.offset))
        )
        alarms_module.time = SimpleNamespace(monotonic=lambda: monotonic() + self.offset)
        virtual_time = self

        class VirtualDatetime(datetime):
            @classmethod
            def now(cls, tz=None):
                return datetime.now(tz) + timedelta(seconds=virtual_time.offset)

        for module in (presence, ir_websocket):
            module.datetime = VirtualDatetime
        # The limit is on real time.
        Websocket.RL_BURST = 10_000


virtual_time = VirtualTime()
