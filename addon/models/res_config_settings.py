from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..settings import BEEP_LAST_USED, SETTINGS


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    # Named for what it switches off: a parameter that is false is deleted, so true can't
    # be the default of one.
    bus_quiet_disabled = fields.Boolean(
        "Use Odoo's stock bus",
        config_parameter="bus_quiet.disabled",
        help="Switches Quiet Bus off for all users, from their next page load on.",
    )
    bus_quiet_poll_focused = fields.Integer(
        "While the user works in it (seconds)",
        default=SETTINGS["poll_focused"].default,
        config_parameter=SETTINGS["poll_focused"].parameter,
    )
    bus_quiet_poll_visible = fields.Integer(
        "While it is visible (seconds)",
        default=SETTINGS["poll_visible"].default,
        config_parameter=SETTINGS["poll_visible"].parameter,
    )
    bus_quiet_poll_hidden = fields.Integer(
        "While it is hidden (seconds)",
        default=SETTINGS["poll_hidden"].default,
        config_parameter=SETTINGS["poll_hidden"].parameter,
    )
    bus_quiet_poll_dormant = fields.Integer(
        "When it has been hidden for long (seconds)",
        default=SETTINGS["poll_dormant"].default,
        config_parameter=SETTINGS["poll_dormant"].parameter,
    )
    bus_quiet_hold_back_hidden = fields.Integer(
        "Wait while the browser is hidden (seconds)",
        default=SETTINGS["hold_back_hidden"].default,
        config_parameter=SETTINGS["hold_back_hidden"].parameter,
    )
    bus_quiet_hold_back_dormant = fields.Integer(
        "Wait when the browser has been hidden for long (seconds)",
        default=SETTINGS["hold_back_dormant"].default,
        config_parameter=SETTINGS["hold_back_dormant"].parameter,
    )
    bus_quiet_dormant_after = fields.Integer(
        "Hidden for long after (minutes)",
        default=SETTINGS["dormant_after"].default,
        config_parameter=SETTINGS["dormant_after"].parameter,
    )
    bus_quiet_offline_after = fields.Integer(
        "Offline when away for (seconds)",
        default=SETTINGS["offline_after"].default,
        config_parameter=SETTINGS["offline_after"].parameter,
    )
    bus_quiet_beep_interval = fields.Integer(
        "One beep for all within (milliseconds)",
        default=SETTINGS["beep_interval"].default,
        config_parameter=SETTINGS["beep_interval"].parameter,
    )
    bus_quiet_beep_last_used = fields.Boolean(
        "Only in the browser that was used last",
        config_parameter=BEEP_LAST_USED,
        help="While a user works in one browser, others of the same user make no sound.",
    )

    @api.constrains(*(f"bus_quiet_{name}" for name in SETTINGS))
    def _check_bus_quiet_settings(self):
        for name, setting in SETTINGS.items():
            field = f"bus_quiet_{name}"
            if any(not setting.accepts(record[field]) for record in self):
                raise ValidationError(
                    self.env._(
                        "Quiet Bus: \"%(label)s\" must be from %(least)s to %(most)s.",
                        label=self._fields[field].get_description(self.env)["string"],
                        least=setting.least,
                        most=setting.most,
                    )
                )
