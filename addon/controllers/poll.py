"""The bus where websockets don't get through."""

import weakref

import psycopg2
import psycopg2.errors
from odoo.addons.bus.models.bus import channel_with_db, hashable
from odoo.addons.bus.websocket import CloseCode, WebsocketConnectionHandler
from odoo.addons.mail.tools.discuss import add_guest_to_context
from odoo.exceptions import AccessDenied, AccessError, UserError
from odoo.http import Controller, Response, request, route
from odoo.tools import mute_logger

from ..connected import connected
from ..leaving import leaving
from ..poll.client import Client
from ..poll.farewells import TOUCH_INTERVAL, farewells
from ..poll.held_poll import HeldPoll, line
from ..poll.held_polls import TooMany, held_polls
from ..poll.poll_request import LARGEST_BODY, BadPoll, PollRequest
from ..presence import Persona, persona_of, renew
from ..settings import hold_back, poll_interval

HEADERS = [
    ("Content-Type", "application/x-ndjson"),
    ("Cache-Control", "no-store"),
    # nginx then passes each line on at once.
    ("X-Accel-Buffering", "no"),
]
#: When a client that has too many requests may ask again, in seconds.
RETRY_AFTER = 30
#: What nonsense in the names of channels, in events or in a guest's cookie makes the models raise.
NONSENSE = (
    ArithmeticError,
    AttributeError,
    LookupError,
    TypeError,
    UserError,
    ValueError,
    psycopg2.DataError,
    # A channel that names an abstract model.
    psycopg2.errors.UndefinedTable,
)


class Refusal(Exception):
    """The request is not served.

    :param status: of the HTTP answer
    :param reason: for who reads it
    :param code: with which a websocket would be closed, if the client acts on it
    """

    def __init__(self, status, reason, code=None):
        # It may quote what the client says, and lone surrogates can't be sent.
        super().__init__(reason.encode(errors="backslashreplace").decode())
        self.status = status
        self.code = code


class QuietBusPollController(Controller):
    # A proxy that knows websockets sends the first to the evented process, one from before
    # Odoo 16.0 the second; where neither is right, an HTTP worker gets it, which does not hold it.
    @route(
        ["/websocket/quiet/poll", "/longpolling/poll"],
        type="http",
        auth="public",
        methods=["POST"],
        # A page of another site can't send JSON without permission, which it does not get.
        csrf=False,
        save_session=False,
    )
    def poll(self, version=None):
        """Give a client what came on its channels, at once or as soon as there is something.

        Takes the JSON of :class:`PollRequest`. Answers with lines of JSON: an object with ``hold``
        (whether this request is held), ``wait`` (how long to wait before the next, in seconds) and
        ``latest`` (the latest id that was given to a notification); then lists of notifications,
        and empty lines as signs of life. In the end there is an object: with ``done`` where a
        request was held and all is said, or with ``code`` and ``reason``, as a websocket is closed.

        Refuses with an object of ``code`` and ``reason``, and the status 400 (nonsense), 401 (the
        session is not that of the page), 403 (a channel), 410 (a page of another version), 411 or
        413 (no length, or too much), 415 (no JSON), or 429 (too many requests, with Retry-After).

        :param version: of stock's worker, as for the websocket
        """
        try:
            poll = self._parse()
            self._check_page(poll, version)
            return self._serve(poll)
        except Refusal as refusal:
            response = request.make_json_response(
                {"code": refusal.code, "reason": str(refusal)}, status=refusal.status
            )
            response.headers["Cache-Control"] = "no-store"
            if refusal.status == 429:
                response.headers["Retry-After"] = str(RETRY_AFTER)
            return response

    def _parse(self):
        httprequest = request.httprequest
        if httprequest.mimetype != "application/json":
            raise Refusal(415, "the Content-Type must be application/json")
        if httprequest.content_length is None:
            raise Refusal(411, "a Content-Length is required")
        if httprequest.content_length > LARGEST_BODY:
            raise Refusal(413, f"the body must have at most {LARGEST_BODY} bytes")
        try:
            return PollRequest.parse(httprequest.get_data())
        except BadPoll as complaint:
            raise Refusal(400, str(complaint)) from complaint
        except OSError as error:
            # For the evented process; for others, werkzeug makes an answer of it.
            raise Refusal(400, "the client is gone") from error

    def _check_page(self, poll, version):
        """Refuse pages that are not of the session, or not of this server or database.

        See :meth:`ir.websocket._subscribe`.
        """
        scope = request.env["ir.http"]._bus_quiet_scope(request.session)
        if poll.channels is not None and poll.scope != scope:
            reason = "the session has expired, or belongs to another user or database"
            raise Refusal(401, reason, CloseCode.SESSION_EXPIRED)
        latest_id = request.env["bus.bus"].sudo()._bus_quiet_latest_id()
        if version != WebsocketConnectionHandler._VERSION or poll.last > latest_id:
            raise Refusal(410, "OUTDATED_VERSION", CloseCode.CLEAN)

    def _serve(self, poll):
        client = Client(request.session, request.httprequest, poll.client)
        try:
            return self._answer(poll, client)
        except Refusal:
            # What it has reported before does not make it one that is waited for.
            client.is_gone = True
            raise

    def _answer(self, poll, client):
        self._sensibly(self._know_guest)
        is_held = poll.hold != "no" and held_polls.are_possible
        if is_held:
            # The context outlives the request, until the garbage is collected; the client must not.
            request.update_context(bus_quiet_client=weakref.ref(client))
        for name, data in poll.events:
            self._sensibly(request.env["ir.websocket"]._serve_ir_websocket, name, data)
        channels = None if poll.channels is None else self._subscribe(poll)
        greeting = {
            "hold": is_held,
            "wait": 0 if is_held else poll_interval(request.env, poll.attention),
            "latest": request.env["bus.bus"].sudo()._bus_quiet_latest_id(),
        }
        if channels is None:
            return Response(line(greeting), headers=HEADERS)
        record = persona_of(request.env, client.cookies)
        persona = Persona.of(record) if record else None
        if is_held:
            response = self._hold(client, poll, channels, greeting)
            if persona:
                connected.add(persona, client)
                leaving.watch(request.db)
            return response
        if persona:
            renew(persona, TOUCH_INTERVAL)
        farewells.expect_anywhere(client, greeting["wait"])
        notifications = request.env["bus.bus"]._poll(channels, poll.last, poll.seen)
        return Response([line(greeting), line(notifications)], headers=HEADERS)

    @add_guest_to_context
    def _know_guest(self):
        """Let the models know the guest whose cookie the browser sent."""

    def _subscribe(self, poll):
        """Return the channels that the user may listen to, with the database."""
        websocket = request.env["ir.websocket"]
        data = self._sensibly(websocket._prepare_subscribe_data, poll.channels, poll.last)
        if poll.is_new:
            websocket._after_subscribe_data(data)
        return {hashable(channel_with_db(request.db, channel)) for channel in data["channels"]}

    def _hold(self, client, poll, channels, greeting):
        # As stock's websockets get theirs.
        connection = request.httprequest._HTTPRequest__environ.get("socket")
        held = HeldPoll(
            client, poll, channels, hold_back(request.env, poll.attention), connection
        )
        try:
            held_polls.admit(held)
        except TooMany:
            raise Refusal(429, "too many requests are held for this session") from None
        response = Response(held.lines(greeting), headers=HEADERS)
        response.call_on_close(lambda: held_polls.dismiss(held))
        return response

    def _sensibly(self, method, *args):
        """Call what may stumble over nonsense that a client says."""
        try:
            # The database's complaint is an answer, not an error of ours.
            with mute_logger("odoo.sql_db"):
                return method(*args)
        except (AccessDenied, AccessError) as refusal:
            request.env.cr.rollback()
            raise Refusal(403, "access to a channel is denied") from refusal
        except NONSENSE as complaint:
            # No savepoint: stock commits while it serves an event.
            request.env.cr.rollback()
            reason = f"a channel, an event or a cookie makes no sense: {complaint}"
            raise Refusal(400, reason) from complaint
