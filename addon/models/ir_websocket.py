import re

from odoo import models
from odoo.addons.bus.websocket import CloseCode, wsrequest
from odoo.http import SessionExpiredException, get_default_session, root

from ..attention import LEVELS, set_hold_back
from ..connected import connected
from ..leaving import leaving
from ..presence import Persona, persona_of
from ..settings import hold_back, is_last_used_only

#: Names that browsers may give themselves.
BROWSER_NAME = re.compile(r"[\w-]{1,40}", re.ASCII)


class IrWebsocket(models.AbstractModel):
    _inherit = "ir.websocket"

    def _subscribe(self, og_data):
        """Refuse to serve tabs with a session, or from a database, that is not theirs.

        A browser's tabs share one cookie: after somebody else has logged in, or another
        database was chosen, the tabs that are still open reconnect with a session that is
        not theirs. Our client says whom it connects for. Stock's says nothing, and is served.

        A client that knows an id that this database never gave has known another one, of
        which this is an older copy: what it has shown since is not there, and it would take
        what is new for old.

        Our client may ask to be told that it is served: a connection is open before it is known
        whose it is. The answer is an empty list of notifications. It asks only where it has to
        know: a small frame makes the next one wait for the client's TCP acknowledgement.

        :raise SessionExpiredException: closes the connection with code 4001
        """
        if "scope" in og_data:
            if og_data["scope"] != self.env["ir.http"]._bus_quiet_scope(wsrequest.session):
                self._bus_quiet_disown(wsrequest.ws)
                raise SessionExpiredException()
            if og_data["last"] > self.env["bus.bus"].sudo()._bus_quiet_latest_id():
                # As for a page of another version of Odoo: it is to be loaded anew.
                wsrequest.ws.close(CloseCode.CLEAN, "OUTDATED_VERSION")
                return
        super()._subscribe(og_data)
        persona = persona_of(wsrequest.env, wsrequest.cookies)
        if persona:
            connected.add(Persona.of(persona), wsrequest.ws)
            leaving.watch(self.env.cr.dbname)
        self._bus_quiet_attend(og_data.get("attention"))
        if og_data.get("acknowledge"):
            wsrequest.ws._send([])

    def _serve_ir_websocket(self, event_name, data):
        """Override to take note of whether somebody looks at the browser."""
        super()._serve_ir_websocket(event_name, data)
        # A poll says it with each request.
        if event_name == "bus_quiet_attention" and wsrequest:
            self._bus_quiet_attend((data or {}).get("level"))
        if event_name == "bus_quiet_used":
            self._bus_quiet_tell_use((data or {}).get("browser"))

    def _on_websocket_closed(self, cookies):
        """Override: the user or guest may come back, or be here by another connection."""
        patient = self.with_context(bus_quiet_leaving=True)
        super(IrWebsocket, patient)._on_websocket_closed(cookies)

    def _bus_quiet_attend(self, level):
        """Hold back what is not urgent while the browser is hidden."""
        if level in LEVELS:
            set_hold_back(wsrequest.ws, hold_back(self.env, level))

    def _bus_quiet_tell_use(self, browser):
        """Tell all browsers of the user which of them is being used."""
        user = self.env.user
        is_name = isinstance(browser, str) and BROWSER_NAME.fullmatch(browser)
        if is_name and not user._is_public() and is_last_used_only(self.env):
            user._bus_send("bus_quiet/used", {"browser": browser})

    def _bus_quiet_disown(self, websocket):
        """Part a connection from the session and the cookies that the browser sent.

        At its end the user of the session would be taken for gone: shown as offline to
        others, or locked out (``auth_timeout``), while their own tabs are open.
        """
        session = root.session_store.new()
        session.update(get_default_session(), db=websocket._db)
        websocket._session = session
        websocket._cookies = {}
