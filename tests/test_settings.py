from odoo.addons.bus_quiet.addon.settings import SETTINGS
from odoo.exceptions import ValidationError
from odoo.tests import TransactionCase, tagged


@tagged("post_install", "-at_install")
class TestSettings(TransactionCase):
    def _save(self, **values):
        self.env["res.config.settings"].create(values).execute()

    def test_defaults(self):
        self._save()
        for setting in SETTINGS.values():
            self.assertEqual(setting.read(self.env), setting.default)

    def test_values(self):
        for name, setting in SETTINGS.items():
            for value in (setting.least, setting.most):
                self._save(**{f"bus_quiet_{name}": value})
                self.assertEqual(setting.read(self.env), value)

    def test_limits(self):
        for name, setting in SETTINGS.items():
            for value in (0, -1, setting.most + 1):
                with self.assertRaisesRegex(ValidationError, f"from {setting.least} to"):
                    self._save(**{f"bus_quiet_{name}": value})

    def test_what_somebody_wrote_elsewhere(self):
        setting = SETTINGS["poll_focused"]
        for text in ("x", "0", "1e3", "-5", "999999"):
            self.env["ir.config_parameter"].set_param(setting.parameter, text)
            with self.assertLogs("odoo.addons.bus_quiet.addon.settings", "WARNING"):
                self.assertEqual(setting.read(self.env), setting.default)
