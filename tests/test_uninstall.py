from odoo.addons.bus_quiet import uninstall_hook
from odoo.tests import TransactionCase, tagged


@tagged("post_install", "-at_install")
class TestUninstall(TransactionCase):
    def test_hook_removes_own_parameters_only(self):
        own = {"bus_quiet.disabled", "bus_quiet.something_else"}
        # In a LIKE pattern "_" stands for any character.
        others = {"bus_quieter.disabled", "busXquiet.disabled"}
        parameters = self.env["ir.config_parameter"]
        for key in own | others:
            parameters.set_param(key, "True")
        uninstall_hook(self.env)
        left = parameters.search([("key", "in", list(own | others))])
        self.assertEqual(set(left.mapped("key")), others)
