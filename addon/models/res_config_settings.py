from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    # Named for what it switches off: a parameter that is false is deleted, so true can't
    # be the default of one.
    bus_quiet_disabled = fields.Boolean(
        "Use Odoo's stock bus",
        config_parameter="bus_quiet.disabled",
        help="Switches Quiet Bus off for all users, from their next page load on.",
    )
