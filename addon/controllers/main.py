from odoo.http import Controller, request, route
from werkzeug.exceptions import BadRequest


class QuietBusController(Controller):
    @route("/bus_quiet/has_missed", type="jsonrpc", auth="public", readonly=True)
    def has_missed(self, last_id):
        """Tell a page that was away for long whether something is gone that it lacks.

        Unlike ``/bus/has_missed_notifications`` it takes any id, not only one of a
        notification, and does not take a day without notifications for a loss.
        """
        if type(last_id) is not int:
            raise BadRequest("last_id must be an integer: everything up to it is known to the page")
        return request.env["bus.bus"].sudo()._bus_quiet_has_missed(last_id)
