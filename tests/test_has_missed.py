import json

from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger


@tagged("post_install", "-at_install")
class TestHasMissed(HttpCase):
    def _ask(self, last_id):
        return self.url_open(
            "/bus_quiet/has_missed",
            data=json.dumps({"jsonrpc": "2.0", "params": {"last_id": last_id}}),
            headers={"Content-Type": "application/json"},
        ).json()

    def _has_missed(self, last_id):
        return self._ask(last_id)["result"]

    def _send(self):
        self.env["bus.bus"]._sendone("broadcast", "bus_quiet_test", {})
        self.env.cr.precommit.run()
        return self.env["bus.bus"]._bus_last_id()

    def test_everything_is_here(self):
        first = self._send()
        self.assertFalse(self._has_missed(first))
        self._send()
        self.assertFalse(self._has_missed(first))

    def test_notifications_are_gone(self):
        known = self._send()
        gone = self._send()
        self._send()
        self.env["bus.bus"].browse(range(1, gone + 1)).exists().unlink()
        self.assertTrue(self._has_missed(known))
        self.assertFalse(self._has_missed(gone), "it knows those that are gone")

    def test_nothing_came_for_a_day(self):
        known = self._send()
        self.env["bus.bus"].search([]).unlink()
        self.assertFalse(self._has_missed(known))
        self.assertTrue(self._has_missed(known - 1))

    def test_older_copy_of_the_database(self):
        self.assertTrue(self._has_missed(self._send() + 1))

    @mute_logger("odoo.http")
    def test_no_id(self):
        for value in (None, "1", [], {}, 1.5, True):
            with self.subTest(value=value):
                error = self._ask(value)["error"]
                self.assertIn("last_id must be an integer", str(error["data"]))
