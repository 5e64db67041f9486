import json

from odoo.addons.bus.tests.common import WebsocketCase
from odoo.tests import new_test_user, tagged

#: Opcode of a frame (RFC 6455).
PONG = 0xA


@tagged("post_install", "-at_install")
class TestLastUsedBrowser(WebsocketCase):
    """That a browser is being used, as it tells the others of the same user."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.marc = new_test_user(cls.env, "bus_quiet_marc")

    def setUp(self):
        super().setUp()
        session = self.authenticate("bus_quiet_marc", "bus_quiet_marc")
        self.websocket = self.websocket_connect(cookie=f"session_id={session.sid}")

    def _use(self, *frames):
        for data in frames:
            self.websocket.send(json.dumps({"event_name": "bus_quiet_used", "data": data}))
        # Served when the answer to this comes.
        self.websocket.ping()
        opcode = None
        while opcode != PONG:
            opcode, _frame = self.websocket.recv_data_frame(control_frame=True)
        self.env.cr.precommit.run()

    def _told(self):
        domain = [("message", "like", '"bus_quiet/used"')]
        return [
            (json.loads(it.channel)[1:], json.loads(it.message)["payload"])
            for it in self.env["bus.bus"].sudo().search(domain)
        ]

    def _switch_on(self):
        self.env["ir.config_parameter"].set_param("bus_quiet.beep_last_used", "True")

    def test_told_to_the_user_only(self):
        self._switch_on()
        self._use({"browser": "b-1"})
        own = ["res.partner", self.marc.partner_id.id]
        self.assertEqual(self._told(), [(own, {"browser": "b-1"})])

    def test_off_by_default(self):
        self._use({"browser": "b-1"})
        self.assertEqual(self._told(), [])

    def test_nonsense_is_not_passed_on(self):
        self._switch_on()
        self._use(None, {}, {"browser": 7}, {"browser": "x" * 41}, {"browser": "<b>"})
        self.assertEqual(self._told(), [])
