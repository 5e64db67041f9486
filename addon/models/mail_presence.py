from datetime import timedelta

from odoo import api, fields, models, modules
from odoo.addons.bus.websocket import wsrequest
from odoo.addons.mail.models.mail_presence import AWAY_TIMER

from ..leaving import leaving
from ..presence import Persona
from ..reports import reports
from ..settings import OFFLINE_AFTER, is_switched_off


class MailPresence(models.Model):
    _inherit = "mail.presence"

    @api.model
    def _update_presence(self, user_or_guest, inactivity_period=0):
        """Override: write only what is news, and wait for nobody."""
        if self._bus_quiet_is_left_to_stock():
            return super()._update_presence(user_or_guest, inactivity_period)
        status = "away" if inactivity_period > AWAY_TIMER * 1000 else "online"
        last_presence = fields.Datetime.now() - timedelta(milliseconds=inactivity_period)
        self.flush_model(["status", "last_poll", "last_presence"])
        client = self.env.context.get("bus_quiet_client")
        connection = client() if client else wsrequest and wsrequest.ws
        if reports.take(user_or_guest.sudo(), connection, status, last_presence):
            self.env.invalidate_all()
        return None

    def write(self, vals):
        """Override: who has lost a connection is not gone before it fails to come back."""
        is_leaving = self.env.context.get("bus_quiet_leaving") and vals == {"status": "offline"}
        if not is_leaving or self._bus_quiet_is_left_to_stock():
            return super().write(vals)
        grace = OFFLINE_AFTER.read(self.env)
        for presence in self:
            owner = presence.user_id or presence.guest_id
            leaving.expect(Persona.of(owner), grace)
        return True

    @api.model
    def _bus_quiet_is_left_to_stock(self):
        test = modules.module.current_test
        # A test looks at once, and what it has made is not committed: other cursors can't see it.
        is_test = test and not getattr(test, "is_patient", False)
        return is_test or is_switched_off(self.env)
