import json
from types import SimpleNamespace
from unittest.mock import patch

from odoo.addons.bus.models.bus import channel_with_db, dispatch
from odoo.addons.bus.tests.common import WebsocketCase
from odoo.addons.bus_quiet.addon import attention
from odoo.addons.bus_quiet.addon.alarms import Alarm
from odoo.tests import new_test_user, tagged

#: Opcode of a frame (RFC 6455).
PONG = 0xA


@tagged("post_install", "-at_install")
class TestAttention(WebsocketCase):
    """Websockets of browsers that nobody looks at."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.marc = new_test_user(cls.env, "bus_quiet_marc")
        cls.julia = new_test_user(cls.env, "bus_quiet_julia")
        cls.env["bus.bus"].sudo().search([]).unlink()

    def setUp(self):
        super().setUp()
        self.alarms = []
        self.frames = []
        self.startPatcher(patch.object(attention, "alarms", SimpleNamespace(set=self.set_alarm)))
        session = self.authenticate("bus_quiet_marc", "bus_quiet_marc")
        self.env["bus.bus"]._sendone("broadcast", "before", {})
        self.env.cr.precommit.run()
        self.last = self.env["bus.bus"]._bus_last_id()
        self.websocket = self.websocket_connect(cookie=f"session_id={session.sid}")

    def set_alarm(self, delay, function):
        self.alarms.append((delay, function))
        return Alarm(function)

    def say(self, event, **data):
        self.websocket.send(json.dumps({"event_name": event, "data": data}))
        # Served when the answer to this comes.
        self.websocket.ping()
        opcode = None
        while opcode != PONG:
            opcode, frame = self.websocket.recv_data_frame(control_frame=True)
            if opcode != PONG:
                self.frames.append(frame.data)

    def attend(self, level):
        self.say("bus_quiet_attention", level=level)

    def send(self, target, name, subchannel=None):
        channel = (target, subchannel) if subchannel else target
        self.env["bus.bus"]._sendone(channel, name, {})
        self.trigger_notification_dispatching([channel])

    def names(self):
        frame = self.frames.pop(0) if self.frames else self.websocket.recv()
        return [it["message"]["type"] for it in json.loads(frame)]

    def test_urgent_channels(self):
        database = "db"
        urgent = [
            (database, "res.partner", 1),
            (database, "mail.guest", 1),
            (database, "discuss.channel", 1),
            (database, "discuss.channel", 1, "internal_users"),
        ]
        others = [
            (database, "broadcast"),
            (database, "res.partner", 1, "presence"),
            (database, "mail.guest", 1, "presence"),
            (database, "res.groups", 1),
            (database, "project.task", 1),
            (database, "editor_collaboration", "res.partner", "comment", 1),
        ]
        for channel in urgent:
            self.assertTrue(attention.is_urgent(channel), channel)
        for channel in others:
            self.assertFalse(attention.is_urgent(channel), channel)

    def test_hidden(self):
        self.say("subscribe", channels=[], last=self.last, attention="hidden")
        self.send("broadcast", "first")
        self.send("broadcast", "second")
        self.assertEqual([delay for delay, _ in self.alarms], [15])
        self.send(self.marc.partner_id, "a message")
        self.assertEqual(self.names(), ["first", "second", "a message"], "in order")
        self.send("broadcast", "third")
        self.alarms[0][1]()
        self.assertEqual(self.names(), ["third"])

    def test_presence_of_others_waits(self):
        channel = f"odoo-presence-res.partner_{self.julia.partner_id.id}"
        self.say("subscribe", channels=[channel], last=self.last, attention="dormant")
        self.send(self.julia.partner_id, "her presence", "presence")
        ((delay, wake),) = self.alarms
        self.assertEqual(delay, 60)
        wake()
        self.assertEqual(self.names(), ["her presence"])

    def test_visible_again(self):
        self.say("subscribe", channels=[], last=self.last, attention="hidden")
        self.send("broadcast", "first")
        self.attend("visible")
        self.assertEqual(self.names(), ["first"], "all is there at once")
        self.send("broadcast", "second")
        self.assertEqual(self.names(), ["second"])
        self.assertEqual(len(self.alarms), 1)

    def test_hidden_later(self):
        self.say("subscribe", channels=[], last=self.last, attention="focused")
        self.send("broadcast", "first")
        self.assertEqual(self.names(), ["first"])
        self.attend("hidden")
        self.send("broadcast", "second")
        self.attend("dormant")
        self.assertEqual(self.names(), ["second"], "what waited does not begin to wait anew")
        self.send("broadcast", "third")
        self.assertEqual([delay for delay, _ in self.alarms], [15, 60])

    def test_other_channels_while_hidden(self):
        self.say("subscribe", channels=["bus_quiet_one"], last=self.last, attention="hidden")
        self.say("subscribe", channels=["bus_quiet_two"], last=self.last, attention="hidden")
        self.send("bus_quiet_one", "of before")
        self.assertFalse(self.alarms)
        self.send("bus_quiet_two", "first")
        self.alarms[0][1]()
        self.assertEqual(self.names(), ["first"])

    def test_settings(self):
        self.env["ir.config_parameter"].set_param("bus_quiet.hold_back_hidden", 3)
        self.say("subscribe", channels=[], last=self.last, attention="hidden")
        self.send("broadcast", "first")
        self.assertEqual([delay for delay, _ in self.alarms], [3])

    def test_nonsense(self):
        self.say("subscribe", channels=[], last=self.last)
        for level in ("asleep", {}):
            self.attend(level)
        self.say("bus_quiet_attention")
        self.send("broadcast", "first")
        self.assertEqual(self.names(), ["first"])

    def test_nobody_is_left_in_the_dispatcher(self):
        self.say("subscribe", channels=[], last=self.last, attention="hidden")
        channel = channel_with_db(self.env.cr.dbname, "broadcast")
        self.assertIn(channel, dispatch._channels_to_ws)
        self._close_websockets()
        self.assertNotIn(channel, dispatch._channels_to_ws)
