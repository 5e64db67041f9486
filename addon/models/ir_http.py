import hashlib

from odoo import api, models
from odoo.http import request

from ..settings import BEEP_INTERVAL, DORMANT_AFTER, is_last_used_only, is_switched_off


class IrHttp(models.AbstractModel):
    _inherit = "ir.http"

    def session_info(self):
        return {**super().session_info(), **self._bus_quiet_session_info()}

    @api.model
    def get_frontend_session_info(self):
        return {**super().get_frontend_session_info(), **self._bus_quiet_session_info()}

    @api.model
    def _bus_quiet_session_info(self):
        """What the client needs in order to take over from the stock bus.

        :return: a dict to merge into the session info; empty while Quiet Bus is
            switched off: the client then leaves the stock bus alone
        """
        if is_switched_off(self.env):
            return {}
        return {
            "bus_quiet": {
                "scope": self._bus_quiet_scope(request.session),
                "beep_interval": BEEP_INTERVAL.read(self.env),
                "beep_last_used": is_last_used_only(self.env),
                "dormant_after": DORMANT_AFTER.read(self.env),
                **self.env["bus.bus"].sudo()._bus_quiet_snapshot(),
            },
        }

    @api.model
    def _bus_quiet_scope(self, session):
        """Name what the tabs of a browser must have in common to share a connection.

        :param session: the session whose cookie the browser sent
        :return: a string that tells databases and users apart; digested, for public
            pages must not tell the database's name
        """
        uuid = self.env["ir.config_parameter"].sudo().get_param("database.uuid")
        digest = hashlib.sha256(f"{uuid} {self.env.cr.dbname}".encode()).hexdigest()
        return f"{digest[:12]}.{session.uid or 'public'}"
