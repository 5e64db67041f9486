"""Who polls."""

from odoo import api
from odoo.http import STORED_SESSION_BYTES


class Client:
    """The hub of a browser, from one request to the next."""

    def __init__(self, session, httprequest, name):
        """
        :param session: of the request
        :param httprequest: likewise
        :param name: what the client calls itself
        """
        self.database = session.db
        self.session = session
        self.cookies = httprequest.cookies
        # The rest of a session's id changes during its life. Visitors have none that is kept.
        owner = session.sid[:STORED_SESSION_BYTES] if session.uid else httprequest.remote_addr
        #: Whose it is; limits are counted by it.
        self.owner = (session.db, owner)
        self.key = (session.db, owner if session.uid else "", name)
        #: Whether its request has ended, and no other is expected; or another has taken its place.
        self.is_gone = False

    def env(self, cr):
        # The language is of no use here, and may be gone.
        return api.Environment(cr, self.session.uid, dict(self.session.context, lang=None))
