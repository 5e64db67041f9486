from odoo import models
from odoo.addons.bus.websocket import wsrequest
from odoo.http import SessionExpiredException


class IrWebsocket(models.AbstractModel):
    _inherit = "ir.websocket"

    def _subscribe(self, og_data):
        """Refuse to serve one user's tabs with another user's session.

        A browser's tabs share one cookie: after somebody else has logged in, the tabs
        that are still open reconnect with a session that is not theirs. Our client says
        whom it connects for.

        :raise SessionExpiredException: closes the connection with code 4001
        """
        uid = wsrequest.session.uid or False
        if og_data.get("uid", uid) != uid:
            raise SessionExpiredException()
        return super()._subscribe(og_data)
