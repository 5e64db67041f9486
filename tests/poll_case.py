import json
import threading
import time
from types import SimpleNamespace
from unittest.mock import patch

from odoo.addons.bus.tests.common import WebsocketCase
from odoo.addons.bus.websocket import WebsocketConnectionHandler
from odoo.addons.bus_quiet.addon.poll import held_poll
from odoo.addons.bus_quiet.addon.poll.farewells import farewells
from odoo.addons.bus_quiet.addon.poll.held_polls import held_polls
from odoo.tests import new_test_user
from odoo.tests.common import TEST_CURSOR_COOKIE_NAME

PATH = "/websocket/quiet/poll"


class PollCase(WebsocketCase):
    """Asks for notifications as the client does where no websocket gets through."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.marc = new_test_user(cls.env, "bus_quiet_marc")
        cls.julia = new_test_user(cls.env, "bus_quiet_julia")
        # Nothing of before is of interest.
        cls.env["bus.bus"].sudo().search([]).unlink()

    def setUp(self):
        super().setUp()
        self.addCleanup(self._cancel_farewells)

    def _cancel_farewells(self):
        for _client, alarm in farewells._alarms.values():
            alarm.cancel()
        farewells.__init__()

    def allow_held_polls(self):
        """Let the server hold requests until the end of the test."""
        self.startPatcher(patch.object(type(self), "are_held_polls_allowed", True, create=True))
        self._looks = threading.Semaphore(0)
        take = held_poll.HeldPoll._take

        def take_and_tell(held):
            try:
                return take(held)
            finally:
                self._looks.release()

        self.startPatcher(patch.object(held_poll.HeldPoll, "_take", take_and_tell))
        self.addCleanup(self._end_held_polls)

    def _end_held_polls(self):
        # The threads that serve them have the test's cursor.
        held_polls.end_all()
        self.wait_for("no request is held", lambda: not len(held_polls))
        held_polls.__init__()

    def wait_for(self, what, condition):
        end = time.monotonic() + 5
        while not condition():
            self.assertLess(time.monotonic(), end, what)
            time.sleep(0.01)

    def be(self, login):
        """Ask as this user from now on; None: as a visitor."""
        self.authenticate(login, login)
        user = self.env["res.users"].search([("login", "=", login)]) if login else None
        self.scope = self.scope_of(user)

    def scope_of(self, user):
        session = SimpleNamespace(uid=user.id if user else None)
        return self.env["ir.http"]._bus_quiet_scope(session)

    def body(self, **values):
        return {
            "scope": self.scope,
            "client": "test",
            "hold": "no",
            "attention": "focused",
            "channels": [],
            **values,
        }

    def request(self, data, path=PATH, version=WebsocketConnectionHandler._VERSION, **options):
        self.opener.cookies[TEST_CURSOR_COOKIE_NAME] = self.http_request_key
        options.setdefault("headers", {"Content-Type": "application/json"})
        url = f"{self.base_url()}{path}?version={version}"
        return self.opener.post(url, data=data, timeout=10, **options)

    def poll(self, path=PATH, **values):
        """The lines of the answer."""
        answer = self.request(json.dumps(self.body(**values)), path)
        self.assertEqual(answer.status_code, 200, answer.text)
        self.assertEqual(answer.headers["Content-Type"], "application/x-ndjson")
        return [json.loads(line) for line in answer.iter_lines() if line]

    def types(self, **values):
        """The types of the notifications that a poll gives."""
        greeting, *lists = self.poll(**values)
        self.assertFalse(greeting["hold"])
        return [it["message"]["type"] for notifications in lists for it in notifications]

    def refuse(self, status, reason, code=None, **values):
        """Check that the poll is refused, with these words in its reason."""
        answer = self.request(json.dumps(self.body(**values)))
        self.assertEqual(answer.status_code, status, answer.text)
        self.assertIn(reason, answer.json()["reason"])
        self.assertEqual(answer.json()["code"], code)
        return answer

    def notify(self, target, name, subchannel=None):
        """Send a notification, and return its id."""
        channel = (target, subchannel) if subchannel else target
        self.env["bus.bus"]._sendone(channel, name, {})
        self.env.cr.precommit.run()
        return self.env["bus.bus"]._bus_last_id()

    def open_stream(self, **values):
        """Begin a poll that is held; returns its greeting and an iterator of what follows."""
        data = json.dumps(self.body(**{"hold": "stream", **values}))
        answer = self.request(data, stream=True)
        self.assertEqual(answer.status_code, 200)
        self.addCleanup(answer.close)
        lines = (json.loads(line) for line in answer.iter_lines(chunk_size=1) if line)
        greeting = next(lines)
        if greeting["hold"]:
            # It has the cursor until it has looked for what is there.
            self.assertTrue(self._looks.acquire(timeout=5))
        return greeting, lines

    def shorten(self, **times):
        """Set times of held polls, in seconds."""
        for name, value in times.items():
            self.startPatcher(patch.object(held_poll, name, value))
