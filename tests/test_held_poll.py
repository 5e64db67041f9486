import json
import threading
import time
from types import SimpleNamespace
from unittest.mock import patch

import odoo
from odoo.addons.bus.models.bus import channel_with_db, dispatch
from odoo.addons.bus.websocket import CloseCode
from odoo.addons.bus_quiet.addon import attention
from odoo.addons.bus_quiet.addon.alarms import Alarm
from odoo.addons.bus_quiet.addon.connected import connected
from odoo.addons.bus_quiet.addon.poll import farewells, held_poll, held_polls as module
from odoo.addons.bus_quiet.addon.poll.held_polls import held_polls
from odoo.addons.bus_quiet.addon.presence import Persona
from odoo.tests import tagged
from odoo.tools import config

from .poll_case import PollCase


@tagged("post_install", "-at_install")
class TestHeldPoll(PollCase):
    """What is answered once there is something."""

    def setUp(self):
        super().setUp()
        self.allow_held_polls()
        self.be("bus_quiet_marc")
        self.last = self.notify("broadcast", "before")

    def send(self, target, name):
        self.notify(target, name)
        self.trigger_notification_dispatching([target])

    def names(self, lines):
        """The types of the notifications in the next line."""
        return [it["message"]["type"] for it in next(lines)]

    def test_stream(self):
        self.notify("broadcast", "at once")
        greeting, lines = self.open_stream(last=self.last)
        self.assertEqual(greeting["hold"], True)
        self.assertEqual(greeting["wait"], 0)
        self.assertEqual(self.names(lines), ["at once"])
        self.send("broadcast", "first")
        self.assertEqual(self.names(lines), ["first"])
        self.send(self.julia.partner_id, "for julia")
        self.send(self.marc.partner_id, "for marc")
        self.assertEqual(self.names(lines), ["for marc"])

    def test_end_of_a_stream(self):
        self.shorten(STREAM_LIFE=0.5, HEARTBEAT=0.2)
        data = json.dumps(self.body(hold="stream", last=self.last))
        answer = self.request(data, stream=True)
        lines = list(answer.iter_lines())
        self.assertEqual(lines[1:], [b"", b"", b'{"done":true}'], "after two signs of life")
        self.wait_for("nobody listens", lambda: not len(held_polls))
        self.assertNotIn(channel_with_db(self.env.cr.dbname, "broadcast"), dispatch._channels_to_ws)

    def test_once(self):
        _greeting, lines = self.open_stream(hold="once", last=self.last)
        self.send("broadcast", "first")
        self.assertEqual(self.names(lines), ["first"])
        self.assertEqual(list(lines), [{"done": True}])

    def test_once_without_anything(self):
        self.shorten(SILENT_LIFE=0.2)
        _greeting, lines = self.open_stream(hold="once", last=self.last)
        self.assertEqual(list(lines), [{"done": True}])

    def test_asked_not_to_be_held(self):
        greeting, lines = self.open_stream(hold="no", last=self.last)
        self.assertFalse(greeting["hold"])
        self.assertEqual(list(lines), [[]])

    def test_where_nothing_is_held(self):
        with patch.dict(config.options, workers=2):
            greeting, _lines = self.open_stream(last=self.last)
            self.assertFalse(greeting["hold"], "by an HTTP worker")
            with patch.object(odoo, "evented", True):
                greeting, _lines = self.open_stream(last=self.last)
                self.assertTrue(greeting["hold"], "by the evented process")
        with patch.object(module, "MOST_THREADED", 1):
            greeting, _lines = self.open_stream(last=self.last, client="another")
            self.assertFalse(greeting["hold"], "by one that holds as many as it can")
            self.assertEqual(greeting["wait"], 2)

    def test_the_client_comes_back_sooner(self):
        _greeting, lines = self.open_stream(last=self.last)
        _greeting, others = self.open_stream(last=self.last)
        self.assertEqual(list(lines), [{"reason": "replaced"}])
        self.send("broadcast", "first")
        self.assertEqual(self.names(others), ["first"])
        self.assertEqual(len(held_polls), 1)

    def test_few_look_at_once(self):
        turns = threading.BoundedSemaphore(1)
        self.startPatcher(patch.object(held_poll, "_turns", turns))
        _greeting, lines = self.open_stream(last=self.last)
        with turns:
            self.send("broadcast", "first")
            self.assertFalse(self._looks.acquire(timeout=0.3), "it waits for its turn")
        self.assertEqual(self.names(lines), ["first"])

    def test_too_many(self):
        self.startPatcher(patch.object(module, "MOST_PER_SESSION", 2))
        self.startPatcher(patch.object(module, "MOST_PER_ADDRESS", 1))
        for client in ("a", "b", "b"):
            self.open_stream(last=self.last, client=client)
        answer = self.refuse(429, "too many requests", hold="stream", client="c")
        self.assertEqual(answer.headers["Retry-After"], "30")
        self.be("bus_quiet_julia")
        self.open_stream(last=self.last, client="c")
        self.be(None)
        self.open_stream(last=self.last, client="d")
        self.refuse(429, "too many requests", hold="stream", client="e")

    def test_the_session_ends(self):
        _greeting, lines = self.open_stream(last=self.last)
        self.marc.password = "bus_quiet_marc_2"
        self.send("broadcast", "first")
        self.assertEqual(next(lines)["code"], CloseCode.SESSION_EXPIRED)
        self.assertEqual(list(lines), [])

    def test_the_session_is_destroyed(self):
        _greeting, lines = self.open_stream(last=self.last)
        odoo.http.root.session_store.delete(self.session)
        self.send("broadcast", "first")
        self.assertEqual(next(lines)["code"], CloseCode.SESSION_EXPIRED)

    def test_the_session_goes_on_under_another_id(self):
        _greeting, lines = self.open_stream(last=self.last)
        odoo.http.root.session_store.rotate(self.session, self.env(user=self.marc), soft=True)
        self.send("broadcast", "first")
        self.assertEqual(self.names(lines), ["first"])

    def test_the_server_stops(self):
        _greeting, lines = self.open_stream(last=self.last)
        held_polls.end_all()
        self.assertEqual(next(lines)["code"], CloseCode.GOING_AWAY)

    def test_gone(self):
        self.shorten(STREAM_LIFE=0.1)
        self.startPatcher(patch.object(farewells, "RETURN_TIME", 0.3))
        closed = []
        class_ = self.registry["ir.websocket"]
        with patch.object(class_, "_on_websocket_closed", lambda *args: closed.append(args)):
            for _attempt in range(5):
                list(self.open_stream(last=self.last)[1])
                time.sleep(0.1)
                self.assertFalse(closed, "it comes back in time each time")
            self.wait_for("it is told", lambda: closed)
        ((model, cookies),) = closed
        self.assertEqual(model.env.user, self.marc)
        self.assertEqual(cookies["session_id"], self.session.sid)

    def test_a_client_that_hangs_up(self):
        self.shorten(LOOK_INTERVAL=0.05)
        closed = []
        class_ = self.registry["ir.websocket"]
        with patch.object(class_, "_on_websocket_closed", lambda *args: closed.append(args)):
            event = {"event_name": "update_presence", "data": {"inactivity_period": 0}}
            data = json.dumps(self.body(hold="stream", last=self.last, events=[event]))
            answer = self.request(data, stream=True)
            lines = answer.iter_lines(chunk_size=1)
            next(lines)
            time.sleep(0.2)
            self.assertFalse(closed)
            answer.close()
            self.wait_for("it is noticed without a word to it", lambda: closed)
        self.wait_for("it is not held", lambda: not len(held_polls))
        self.wait_for("he has gone", lambda: not connected.has(Persona.of(self.marc)))

    def test_hidden(self):
        self.alarms = []
        self.startPatcher(patch.object(attention, "alarms", SimpleNamespace(set=self._note_alarm)))
        chat = self.env["discuss.channel"].create({"name": "chat", "channel_type": "group"})
        chat.add_members(self.marc.partner_id.ids)
        last = self.notify("broadcast", "before")
        _greeting, lines = self.open_stream(last=last, attention="hidden")
        self.send("broadcast", "first")
        self.send("broadcast", "second")
        self.assertEqual([delay for delay, _ in self.alarms], [15])
        self.send(chat, "a message")
        self.assertEqual(self.names(lines), ["first", "second", "a message"], "in order")
        self.send("broadcast", "third")
        self.alarms[0][1]()
        self.assertEqual(self.names(lines), ["third"])
        self.send("broadcast", "fourth")
        self.assertEqual([delay for delay, _ in self.alarms], [15, 15])

    def _note_alarm(self, delay, function):
        self.alarms.append((delay, function))
        return Alarm(function)

    def test_nobody_is_left_in_the_dispatcher(self):
        self.shorten(STREAM_LIFE=0.3)
        _greeting, lines = self.open_stream(last=self.last, attention="hidden")
        channel = channel_with_db(self.env.cr.dbname, "broadcast")
        self.assertIn(channel, dispatch._channels_to_ws)
        self.assertEqual(list(lines), [{"done": True}])
        self.wait_for("all is gone", lambda: channel not in dispatch._channels_to_ws)
        self.assertEqual(held_poll.line([]), b"[]\n")
