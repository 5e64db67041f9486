import json
from types import SimpleNamespace

from odoo.addons.bus.models.bus import channel_with_db, dispatch
from odoo.addons.bus.tests.common import WebsocketCase
from odoo.addons.bus.websocket import CloseCode
from odoo.tests import new_test_user, tagged

#: Opcode of a frame (RFC 6455).
PONG = 0xA


@tagged("post_install", "-at_install")
class TestSubscribe(WebsocketCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.marc = new_test_user(cls.env, "bus_quiet_marc")
        cls.julia = new_test_user(cls.env, "bus_quiet_julia")

    def _connect(self, login=None):
        session = self.authenticate(login, login)
        return self.websocket_connect(cookie=f"session_id={session.sid}")

    def _scope(self, uid):
        return self.env["ir.http"]._bus_quiet_scope(SimpleNamespace(uid=uid))

    def _subscribe(self, websocket, **data):
        data = {"channels": ["bus_quiet_channel"], "last": 0, **data}
        websocket.send(json.dumps({"event_name": "subscribe", "data": data}))

    def _is_subscribed(self, websocket):
        # A pong is sent after all that came before the ping was served.
        websocket.ping()
        self._received = []
        opcode = None
        while opcode != PONG:
            opcode, frame = websocket.recv_data_frame(control_frame=True)
            self._received.append(frame.data)
        return channel_with_db(self.env.cr.dbname, "bus_quiet_channel") in dispatch._channels_to_ws

    def test_own_tabs(self):
        websocket = self._connect("bus_quiet_marc")
        self._subscribe(websocket, scope=self._scope(self.marc.id))
        self.assertTrue(self._is_subscribed(websocket))
        self.assertNotIn(b"[]", self._received)

    def test_acknowledgement(self):
        websocket = self._connect("bus_quiet_marc")
        self._subscribe(websocket, scope=self._scope(self.marc.id), acknowledge=True)
        self.assertEqual(websocket.recv(), "[]", "it is told that it is served")
        self.assertTrue(self._is_subscribed(websocket))

    def test_stock_client(self):
        websocket = self._connect("bus_quiet_marc")
        self._subscribe(websocket)
        self.assertTrue(self._is_subscribed(websocket))
        self.assertNotIn(b"[]", self._received, "it could make nothing of an empty list")

    def test_public(self):
        websocket = self._connect()
        self._subscribe(websocket, scope=self._scope(None))
        self.assertTrue(self._is_subscribed(websocket))

    def test_tabs_of_another_user(self):
        websocket = self._connect("bus_quiet_julia")
        self._subscribe(websocket, scope=self._scope(self.marc.id))
        self.assert_close_with_code(websocket, CloseCode.SESSION_EXPIRED)
        self._assert_nobody_is_subscribed()

    def test_presence_of_the_other_user(self):
        presence = self.env["mail.presence"].create({"user_id": self.julia.id, "status": "online"})
        websocket = self._connect("bus_quiet_julia")
        self._subscribe(websocket, scope=self._scope(self.marc.id))
        self.assert_close_with_code(websocket, CloseCode.SESSION_EXPIRED)
        self._close_websockets()
        presence.invalidate_recordset()
        self.assertEqual(presence.status, "online", "her own tabs are still there")

        websocket = self._connect("bus_quiet_julia")
        self._subscribe(websocket, scope=self._scope(self.julia.id))
        self.assertTrue(self._is_subscribed(websocket))
        self._close_websockets()
        presence.invalidate_recordset()
        self.assertEqual(presence.status, "offline", "they were")

    def test_tabs_of_a_user_with_public_session(self):
        websocket = self._connect()
        self._subscribe(websocket, scope=self._scope(self.marc.id))
        self.assert_close_with_code(websocket, CloseCode.SESSION_EXPIRED)
        self._assert_nobody_is_subscribed()

    def test_public_tabs_with_session_of_a_user(self):
        websocket = self._connect("bus_quiet_marc")
        self._subscribe(websocket, scope=self._scope(None))
        self.assert_close_with_code(websocket, CloseCode.SESSION_EXPIRED)
        self._assert_nobody_is_subscribed()

    def test_tabs_of_another_database(self):
        scope = self._scope(self.marc.id)
        self.env["ir.config_parameter"].set_param("database.uuid", "another-database")
        websocket = self._connect("bus_quiet_marc")
        self._subscribe(websocket, scope=scope)
        self.assert_close_with_code(websocket, CloseCode.SESSION_EXPIRED)
        self._assert_nobody_is_subscribed()

    def test_scope_of_a_wrong_type(self):
        for scope in (None, "", "1", [], {}, -1):
            with self.subTest(scope=scope):
                websocket = self._connect("bus_quiet_marc")
                self._subscribe(websocket, scope=scope)
                self.assert_close_with_code(websocket, CloseCode.SESSION_EXPIRED)
                self._assert_nobody_is_subscribed()

    def test_last_id(self):
        self.env["bus.bus"]._sendone("broadcast", "bus_quiet_test", {})
        self.env.cr.precommit.run()
        latest_id = self.env["bus.bus"]._bus_quiet_latest_id()
        websocket = self._connect("bus_quiet_marc")
        self._subscribe(websocket, scope=self._scope(self.marc.id), last=latest_id)
        self.assertTrue(self._is_subscribed(websocket))

    def test_last_id_that_was_never_given(self):
        last = self.env["bus.bus"]._bus_quiet_latest_id() + 1
        websocket = self._connect("bus_quiet_marc")
        self._subscribe(websocket, scope=self._scope(self.marc.id), last=last)
        self.assert_close_with_code(websocket, CloseCode.CLEAN, "OUTDATED_VERSION")
        self._assert_nobody_is_subscribed()

    def test_last_id_of_a_stock_client(self):
        last = self.env["bus.bus"]._bus_quiet_latest_id() + 1
        websocket = self._connect("bus_quiet_marc")
        self._subscribe(websocket, last=last)
        self.assertTrue(self._is_subscribed(websocket))

    def _assert_nobody_is_subscribed(self):
        channel = channel_with_db(self.env.cr.dbname, "bus_quiet_channel")
        self.assertNotIn(channel, dispatch._channels_to_ws)
