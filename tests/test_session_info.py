import json

from odoo.tests import HttpCase, new_test_user, tagged


@tagged("post_install", "-at_install")
class TestSessionInfo(HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.marc = new_test_user(cls.env, "bus_quiet_marc")
        cls.julia = new_test_user(cls.env, "bus_quiet_julia")

    def _info(self, login=None):
        """What the pages of the user are told, or those of the public."""
        self.authenticate(login, login)
        if login:
            answer = self.url_open(
                "/web/session/get_session_info",
                data=json.dumps({"jsonrpc": "2.0", "params": {}}),
                headers={"Content-Type": "application/json"},
            ).json()["result"]
            return answer.get("bus_quiet")
        page = self.url_open("/web/login").text
        start = page.index("odoo.__session_info__ = ") + len("odoo.__session_info__ = ")
        return json.JSONDecoder().raw_decode(page[start:])[0].get("bus_quiet")

    def test_user(self):
        info = self._info("bus_quiet_marc")
        self.assertTrue(info["scope"].endswith(f".{self.marc.id}"))
        settings = {"beep_interval", "beep_last_used", "dormant_after"}
        self.assertEqual(set(info), {"scope", "settled_id", "recent_ids"} | settings)

    def test_scope_differs_by_user(self):
        marc = self._info("bus_quiet_marc")
        julia = self._info("bus_quiet_julia")
        self.assertNotEqual(marc["scope"], julia["scope"])
        self.assertEqual(marc["scope"], self._info("bus_quiet_marc")["scope"])

    def test_scope_differs_by_database(self):
        before = self._info("bus_quiet_marc")
        self.env["ir.config_parameter"].set_param("database.uuid", "another-database")
        self.assertNotEqual(self._info("bus_quiet_marc")["scope"], before["scope"])

    def test_scope_does_not_name_the_database(self):
        self.assertNotIn(self.env.cr.dbname, json.dumps(self._info()))

    def test_public(self):
        info = self._info()
        self.assertTrue(info["scope"].endswith(".public"))

    def test_absent_when_disabled(self):
        self.env["ir.config_parameter"].set_param("bus_quiet.disabled", "True")
        self.assertIsNone(self._info("bus_quiet_marc"))
        self.assertIsNone(self._info())

    def test_settings_switch(self):
        settings = self.env["res.config.settings"]
        settings.create({"bus_quiet_disabled": True}).execute()
        self.assertIsNone(self._info("bus_quiet_marc"))
        settings.create({"bus_quiet_disabled": False}).execute()
        self.assertTrue(self._info("bus_quiet_marc"))

    def test_snapshot(self):
        self.env["bus.bus"]._sendone("broadcast", "bus_quiet_test", {})
        self.env.cr.precommit.run()
        last_id = self.env["bus.bus"]._bus_last_id()
        for login in ("bus_quiet_marc", None):
            info = self._info(login)
            self.assertLess(info["settled_id"], last_id, "lower ids may still commit")
            self.assertEqual(info["recent_ids"][-1], last_id)
            self.assertGreater(info["recent_ids"][0], info["settled_id"])
        self.env.cr.execute("UPDATE bus_bus SET create_date = create_date - interval '1 minute'")
        for login in ("bus_quiet_marc", None):
            info = self._info(login)
            self.assertEqual((info["settled_id"], info["recent_ids"]), (last_id, []))
