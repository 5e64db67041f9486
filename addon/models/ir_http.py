import hashlib

from odoo import api, models
from odoo.http import request
from odoo.tools import str2bool


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
        get_param = self.env["ir.config_parameter"].sudo().get_param
        if str2bool(get_param("bus_quiet.disabled"), default=False):
            return {}
        uid = request.session.uid or False
        database = f"{get_param('database.uuid')} {self.env.cr.dbname}"
        return {
            "bus_quiet": {
                # Digested, for public pages must not tell the database's name.
                "scope": f"{hashlib.sha256(database.encode()).hexdigest()[:12]}.{uid or 'public'}",
                "uid": uid,
                **self.env["bus.bus"].sudo()._bus_quiet_snapshot(),
            },
        }
