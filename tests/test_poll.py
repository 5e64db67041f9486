import json
import threading
from datetime import timedelta
from http.client import HTTPConnection
from unittest.mock import patch
from urllib.parse import urlsplit

from odoo import fields
from odoo.addons.bus.websocket import CloseCode
from odoo.addons.bus_quiet.addon.poll import farewells, poll_request
from odoo.addons.bus_quiet.addon.presence import is_fresh
from odoo.tests import tagged
from odoo.tests.common import TEST_CURSOR_COOKIE_NAME

from .poll_case import PATH, PollCase


@tagged("post_install", "-at_install")
class TestPoll(PollCase):
    """What is answered at once."""

    def setUp(self):
        super().setUp()
        self.be("bus_quiet_marc")

    def test_greeting(self):
        for path in (PATH, "/longpolling/poll"):
            with self.subTest(path=path):
                self.notify("broadcast", "before")
                (greeting,) = self.poll(path, channels=None)
                latest = self.env["bus.bus"]._bus_quiet_latest_id()
                self.assertEqual(greeting, {"hold": False, "wait": 2, "latest": latest})

    def test_wait(self):
        self.env["ir.config_parameter"].set_param("bus_quiet.poll_hidden", 45)
        self.env["ir.config_parameter"].set_param("bus_quiet.poll_visible", "nonsense")
        expected = {"focused": 2, "visible": 5, "hidden": 45, "dormant": 60}
        with self.assertLogs("odoo.addons.bus_quiet.addon.settings", "WARNING") as log:
            for attention, wait in expected.items():
                (greeting,) = self.poll(channels=None, attention=attention)
                self.assertEqual(greeting["wait"], wait)
        self.assertIn("bus_quiet.poll_visible is 'nonsense'", log.output[0])

    def test_own_channels(self):
        last = self.notify("broadcast", "before")
        self.notify("broadcast", "for all")
        self.notify(self.marc.partner_id, "for marc")
        self.notify("bus_quiet_channel", "asked for")
        self.notify("bus_quiet_other", "not asked for")
        self.assertEqual(
            self.types(channels=["bus_quiet_channel"], last=last),
            ["for all", "for marc", "asked for"],
        )

    def test_seen(self):
        last = self.notify("broadcast", "before")
        self.notify("broadcast", "first")
        seen = self.notify("broadcast", "second")
        self.notify("broadcast", "third")
        self.assertEqual(self.types(last=last, seen=[seen]), ["first", "third"])

    def test_a_lower_id_that_comes_late(self):
        last = self.notify("broadcast", "before")
        late = self.notify("broadcast", "late")
        seen = self.notify("broadcast", "sooner")
        # The client knows the later one; not to ask from there is all it takes.
        self.assertLess(late, seen)
        self.assertEqual(self.types(last=last, seen=[seen]), ["late"])

    def test_rights(self):
        last = self.notify("broadcast", "before")
        secret = self.env["discuss.channel"].create({"name": "secret", "channel_type": "group"})
        with self.subTest("another user's own channel, whatever it is called"):
            self.notify(self.julia.partner_id, "for julia")
            channels = [
                f"res.partner_{self.julia.partner_id.id}",
                json.dumps([self.env.cr.dbname, "res.partner", self.julia.partner_id.id]),
            ]
            self.assertEqual(self.types(channels=channels, last=last), [])
        with self.subTest("a group that the user is not in"):
            self.notify(self.env.ref("base.group_system"), "for administrators")
            self.assertEqual(self.types(last=last), [])
        with self.subTest("a chat that the user is not in"):
            self.notify(secret, "secret")
            self.assertEqual(self.types(channels=[f"discuss.channel_{secret.id}"], last=last), [])
        with self.subTest("and after the user was let in"):
            secret.add_members(self.marc.partner_id.ids)
            self.assertIn("secret", self.types(last=last))

    def test_presence_of_others(self):
        portal = self.env["res.users"].create(
            {"name": "Portal", "login": "bus_quiet_portal", "password": "bus_quiet_portal",
             "group_ids": [(6, 0, self.env.ref("base.group_portal").ids)]}
        )  # fmt: skip
        last = self.notify("broadcast", "before")
        self.notify(self.julia.partner_id, "her presence", "presence")
        channel = f"odoo-presence-res.partner_{self.julia.partner_id.id}"
        self.assertEqual(self.types(channels=[channel], last=last), ["her presence"])
        self.be(portal.login)
        self.assertEqual(self.types(channels=[channel], last=last), [])

    def test_visitors(self):
        self.be(None)
        last = self.notify("broadcast", "before")
        self.notify("broadcast", "for all")
        self.notify(self.marc.partner_id, "for marc")
        self.notify(self.marc.partner_id, "his presence", "presence")
        self.notify(self.env.ref("base.group_user"), "for users")
        channels = [f"odoo-presence-res.partner_{self.marc.partner_id.id}"]
        self.assertEqual(self.types(channels=channels, last=last), ["for all"])

    def test_guests(self):
        guest, other = self.env["mail.guest"].create([{"name": "Guest"}, {"name": "Other"}])
        chat = self.env["discuss.channel"].create({"name": "open", "channel_type": "channel"})
        chat.group_public_id = False
        chat._add_members(guests=guest)
        self.be(None)
        self.opener.cookies[guest._cookie_name] = guest._format_auth_cookie()
        last = self.notify("broadcast", "before")
        self.notify(guest, "for the guest")
        self.notify(other, "for another")
        self.notify(chat, "in the chat")
        self.assertEqual(self.types(last=last), ["for the guest", "in the chat"])

        self.poll(events=[{"event_name": "update_presence", "data": {"inactivity_period": 0}}])
        self.assertEqual(guest.presence_ids.status, "online")
        self.assertFalse(other.presence_ids)

    def test_presence(self):
        event = {"event_name": "update_presence", "data": {"inactivity_period": 0}}
        self.poll(events=[event])
        self.assertEqual(self.marc.presence_ids.status, "online")
        away = {"event_name": "update_presence", "data": {"inactivity_period": 3_600_000}}
        self.poll(events=[away])
        self.marc.presence_ids.invalidate_recordset()
        self.assertEqual(self.marc.presence_ids.status, "away")
        self.assertFalse(self.julia.presence_ids)

    def test_a_client_that_does_not_come_back(self):
        self.startPatcher(patch.object(farewells, "RETURN_TIME", 0.3))
        self.startPatcher(patch.object(farewells, "TOUCH_INTERVAL", 0))
        self.env["ir.config_parameter"].set_param("bus_quiet.poll_focused", 1)
        event = {"event_name": "update_presence", "data": {"inactivity_period": 0}}
        rung = threading.Event()
        ring = farewells.Farewells._ring

        def ring_and_tell(*args):
            ring(*args)
            # Not before: a test's threads share a cursor.
            rung.set()

        self.startPatcher(patch.object(farewells.Farewells, "_ring", ring_and_tell))
        self.poll(events=[event])
        presence = self.marc.presence_ids
        self.assertEqual(presence.status, "online")
        self.assertTrue(rung.wait(5))
        presence.invalidate_recordset()
        self.assertEqual(presence.status, "offline")

    def test_a_client_that_another_process_serves(self):
        presence = self.env["mail.presence"].create({"user_id": self.marc.id, "status": "online"})
        now = fields.Datetime.now()
        presence.last_poll = now - timedelta(seconds=farewells.TOUCH_INTERVAL + 1)
        self.env.flush_all()
        self.poll()
        presence.invalidate_recordset()
        self.assertGreaterEqual(presence.last_poll, now, "others can see that it is here")
        presence.last_poll = before = now - timedelta(seconds=farewells.TOUCH_INTERVAL - 5)
        self.env.flush_all()
        self.poll()
        presence.invalidate_recordset()
        self.assertEqual(presence.last_poll, before, "that is often enough")
        self.assertTrue(is_fresh(self.marc, farewells.TOUCH_INTERVAL))
        self.assertFalse(is_fresh(self.marc, farewells.TOUCH_INTERVAL - 10))
        self.assertFalse(is_fresh(self.julia, farewells.TOUCH_INTERVAL))

    def test_missed_presences(self):
        self.env["mail.presence"].create({"user_id": self.julia.id, "status": "online"})
        self.env.cr.precommit.run()
        channel = f"odoo-presence-res.partner_{self.julia.partner_id.id}"
        last = self.env["bus.bus"]._bus_last_id()
        self.poll(channels=[channel], last=last)
        self.assertEqual(self.types(last=last), [], "she was online when the page was made")
        self.poll(channels=[channel], last=last, is_new=True)
        self.assertEqual(self.types(last=last), ["bus.bus/im_status_updated"])

    def test_hooks(self):
        class_ = self.registry["ir.websocket"]
        with (
            patch.object(class_, "_serve_ir_websocket", autospec=True) as serve,
            patch.object(class_, "_after_subscribe_data", autospec=True) as after,
        ):
            self.poll(events=[{"event_name": "mine", "data": {"a": 1}}, {"event_name": "bare"}])
            after.assert_not_called()
            self.poll(is_new=True)
        served = [call.args[1:] for call in serve.mock_calls]
        self.assertEqual(served, [("mine", {"a": 1}), ("bare", {})])
        after.assert_called_once()

    def test_pages_of_others(self):
        reason = "the session has expired, or belongs to another"
        code = CloseCode.SESSION_EXPIRED
        event = {"event_name": "update_presence", "data": {"inactivity_period": 0}}
        for scope in (self.scope_of(self.julia), self.scope_of(None), "nonsense"):
            self.refuse(401, reason, code, scope=scope, events=[event])
        scope = self.scope
        self.be("bus_quiet_julia")
        self.refuse(401, reason, code, scope=scope, events=[event])
        self.logout()
        self.refuse(401, reason, code, scope=scope, events=[event])
        self.assertFalse((self.marc | self.julia).presence_ids, "nobody was taken for present")

    def test_pages_of_another_version_or_database(self):
        latest = self.env["bus.bus"]._bus_quiet_latest_id()
        self.refuse(410, "OUTDATED_VERSION", CloseCode.CLEAN, last=latest + 1)
        answer = self.request(json.dumps(self.body()), version="1")
        self.assertEqual(answer.status_code, 410)

    def test_nonsense(self):
        event = {"event_name": "update_presence"}
        deep = "[" * 100_000
        cases = {
            "scope": [None, 1, "", "x" * 65, ["x"]],
            "client": [None, {}],
            "hold": [None, "always", []],
            "attention": [None, "asleep", {}],
            "last": [-1, 2**31, 1.5, "1", None, True],
            "seen": [1, [None], [-1], [2**31], [1] * (poll_request.MOST_SEEN_IDS + 1)],
            "channels": ["x", [1], [""], ["x" * 513], ["\0"], ["\ud800"],
                         ["discuss.channel_9999999999"], [f"mail.guest_{'9' * 400}|x"],
                         [f"odoo-presence-res.partner_{2**31}"],
                         ["editor_collaboration:no.model:x:1"],
                         ["editor_collaboration:mail.thread:x:1"],
                         ["x"] * (poll_request.MOST_CHANNELS + 1)],
            "events": [1, [1], [{}], [{"event_name": "subscribe"}], [{**event, "data": []}],
                       [event], [{**event, "data": {"inactivity_period": "x"}}],
                       [{**event, "data": {"inactivity_period": 1e300}}],
                       [{**event, "data": {"inactivity_period": float("nan")}}],
                       [{**event, "data": {"inactivity_period": -(10**30)}}],
                       [{**event, "data": {"other": 1}}],
                       [{**event, "data": {"\ud800": 1}}], [event] * 21],
            "other": [1],
            "\ud800": [1],
        }  # fmt: skip
        for key, values in cases.items():
            for value in values:
                with self.subTest(key=key, value=str(value)[:60]), self.assertNoLogs(level="ERROR"):
                    self.refuse(400, "", **{key: value})
        long = '{"a": 1' + "0" * 5000 + "}"
        for data in ("", "{", "[]", "null", deep, "\xff".encode("latin-1"), long):
            with self.subTest(data=data[:20]), self.assertNoLogs(level="ERROR"):
                self.assertEqual(self.request(data).status_code, 400)
        self.assertFalse(self.marc.presence_ids)

    def test_nonsense_in_the_cookie_of_a_guest(self):
        for user in (None, "bus_quiet_marc"):
            self.be(user)
            for token in ("x|y", "|"):
                self.opener.cookies[self.env["mail.guest"]._cookie_name] = token
                with self.subTest(user=user, token=token), self.assertNoLogs(level="ERROR"):
                    self.refuse(400, "a cookie makes no sense")

    def announce(self, length):
        """Send all but the body: who is refused need not send it. Returns the status."""
        connection = HTTPConnection(urlsplit(self.base_url()).netloc, timeout=10)
        self.addCleanup(connection.close)
        connection.putrequest("POST", "/websocket/quiet/poll")
        connection.putheader("Content-Type", "application/json")
        connection.putheader("Content-Length", str(length))
        connection.putheader("Cookie", f"{TEST_CURSOR_COOKIE_NAME}={self.http_request_key}")
        connection.endheaders()
        return connection.getresponse().status

    def test_other_limits(self):
        answer = self.request("{}", headers={"Content-Type": "text/plain"})
        self.assertEqual(answer.status_code, 415, "what a page of another site could send")
        self.assertEqual(self.announce(poll_request.LARGEST_BODY + 1), 413)
        answer = self.request(iter([b"{}"]))
        self.assertEqual(answer.status_code, 411)

    def test_denied_channels(self):
        document = f"res.partner:comment:{self.marc.partner_id.id}"
        self.be(None)
        reason = "access to a channel is denied"
        self.refuse(403, reason, channels=[f"editor_collaboration:{document}"])
