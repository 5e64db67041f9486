import json
import os
import re
import threading
import time
from collections import Counter, deque
from contextlib import suppress
from weakref import WeakKeyDictionary

from psycopg2.errors import SerializationFailure

from odoo import api, models
from odoo.addons.bus.websocket import (
    CloseCode,
    ConnectionState,
    Websocket,
    WebsocketRequest,
    _websocket_instances,
)
from odoo.addons.bus_quiet.addon.poll.held_polls import held_polls
from odoo.exceptions import AccessError
from odoo.http import Application, SessionExpiredException
from odoo.sql_db import Cursor

from ..virtual_time import virtual_time

#: Since the start of this process: websockets opened, and frames received by their event.
opens = Counter()
frames = Counter()
#: Likewise: frames sent to browsers, HTTP requests, and those that say that messages have come.
traffic = Counter()
#: Likewise, by table: rows written, and statements that PostgreSQL refused to serialize.
writes = Counter()
conflicts = Counter()
#: What websockets did lately, the latest last.
journal = deque(maxlen=5000)
#: Of each websocket: its number, and the name of its browser.
identities = WeakKeyDictionary()
#: Value: the name that a test gave to its browser.
BROWSER_COOKIE = "bus_quiet_test_browser"
#: What the ORM writes begins with one of these, and the table.
WRITE = re.compile(r'\s*(?:INSERT INTO|UPDATE)\s+"?(\w+)')
#: What became of the latest transaction that held rows.
holding = []
NOTIFICATION_TYPE = "bus_quiet_test"


def note(websocket, event, session=None, **details):
    number, browser = identities[websocket]
    journal.append(
        {
            "at": round(time.time() * 1000),
            "socket": number,
            "browser": browser,
            "event": event,
            "uid": (session or {}).get("uid") or False,
            "database": websocket._db,
            **details,
        }
    )


@Websocket.onopen
def count_open(env, websocket):
    opens[env.uid or 0] += 1
    browser = websocket._cookies.get(BROWSER_COOKIE, "")
    identities[websocket] = (sum(opens.values()), browser)
    note(websocket, "open", websocket._session)


@Websocket.onclose
def note_end(env, websocket):
    note(websocket, "end", websocket._session)


send_message = Websocket._send


def count_sent(self, message):
    traffic["frames"] += 1
    return send_message(self, message)


Websocket._send = count_sent

serve_request = Application.__call__


def count_request(self, environ, start_response):
    traffic["requests"] += 1
    traffic["fetched"] += environ["PATH_INFO"].endswith("/channel_fetched")
    return serve_request(self, environ, start_response)


Application.__call__ = count_request

disconnect = Websocket._disconnect


def note_close(self, code, reason=None):
    note(self, "close", self._session, code=code)
    return disconnect(self, code, reason)


# By the server, not in answer to the browser.
Websocket._disconnect = note_close

serve_websocket_message = WebsocketRequest.serve_websocket_message


def count_frame(self, message):
    frame = json.loads(message)
    frames[frame.get("event_name")] += 1
    try:
        result = serve_websocket_message(self, message)
    except SessionExpiredException:
        note_frame(self, frame, is_served=False)
        raise
    note_frame(self, frame, is_served=bool(self.ws._channels))
    return result


def note_frame(request, frame, is_served):
    event = frame["event_name"]
    details = {"isServed": is_served}
    if event == "subscribe":
        details["scope"] = frame["data"].get("scope", "")
        details["last"] = frame["data"]["last"]
    note(request.ws, event, request.session, **details)


# Around the whole of it: what is retried after a serialization failure is one frame.
WebsocketRequest.serve_websocket_message = count_frame

execute = Cursor.execute


def count_write(self, query, *args, **kwargs):
    text = getattr(query, "code", query)
    match = WRITE.match(text) if isinstance(text, str) else None
    try:
        execute(self, query, *args, **kwargs)
    except SerializationFailure:
        # Stock mutes the log of the ones that it expects.
        conflicts[match[1] if match else ""] += 1
        raise
    if match:
        writes[match[1]] += self.rowcount


Cursor.execute = count_write


class BusQuietTest(models.AbstractModel):
    _name = "bus.quiet.test"
    _description = "What the tests of Quiet Bus ask the server"

    @api.model
    def counts(self):
        """What reached this process: for one process that serves both pages and the bus."""
        self._check_admin()
        sockets = [it for it in list(_websocket_instances) if it.state is ConnectionState.OPEN]
        return {
            "sockets": [
                {"uid": it._session.uid or False, "channels": len(it._channels)} for it in sockets
            ],
            "polls": len(held_polls),
            "opens": sum(opens.values()),
            "frames": dict(frames),
            "fetched": traffic["fetched"],
            "writes": dict(writes),
            "conflicts": dict(conflicts),
        }

    @api.model
    def costs(self):
        """What serving browsers has cost this process up to now."""
        self._check_admin()
        cpu = os.times()
        return {
            "frames": traffic["frames"],
            "requests": traffic["requests"],
            "cpu": cpu.user + cpu.system,
        }

    @api.model
    def begin_virtual_time(self):
        """Let the clock of presence be moved ahead: in this process, until it ends."""
        self._check_admin()
        virtual_time.begin()

    @api.model
    def skip(self, seconds):
        """Move that clock ahead."""
        self._check_admin()
        virtual_time.skip(seconds)

    @api.model
    def journal(self, since):
        """What websockets did since this time, in milliseconds since 1970."""
        self._check_admin()
        return [entry for entry in list(journal) if entry["at"] >= since]

    @api.model
    def cut_connections(self):
        """End all connections without a closing handshake, as a broken network does."""
        self._check_admin()
        for websocket in list(_websocket_instances):
            # One may be on its way out already.
            with suppress(OSError):
                websocket.close(CloseCode.ABNORMAL_CLOSURE)
        for held in list(held_polls._by_key.values()):
            held.end(code=CloseCode.ABNORMAL_CLOSURE, reason="cut")

    @api.model
    def send(self, partner_id, count, first=0):
        """Send `count` numbered notifications, each in a transaction of its own."""
        self._check_admin()
        for number in range(first, first + count):
            self._send(partner_id, number)

    @api.model
    def broadcast(self, number):
        """Send a numbered notification to everybody."""
        self._check_admin()
        self.env["bus.bus"]._sendone("broadcast", NOTIFICATION_TYPE, {"number": number})

    @api.model
    def send_steadily(self, partner_id, count, interval):
        """Send as `send` does, one each `interval` seconds, in the background."""
        self._check_admin()

        def run():
            start = time.monotonic()
            for number in range(count):
                self._send(partner_id, number)
                time.sleep(max(0, start + (number + 1) * interval - time.monotonic()))

        threading.Thread(target=run, name="bus_quiet_test.send_steadily", daemon=True).start()

    @api.model
    def send_background(self, partner_id, count, interval):
        """Send what nobody waits for, in the background: by turns to all, and to those who follow
        the presence of a partner.
        """
        self._check_admin()

        def run():
            start = time.monotonic()
            for number in range(count):
                with self.env.registry.cursor() as cr:
                    env = api.Environment(cr, self.env.uid, {})
                    followed = (env["res.partner"].browse(partner_id), "presence")
                    message = {"number": number, "sent": round(time.time() * 1000)}
                    target = followed if number % 2 else "broadcast"
                    env["bus.bus"]._sendone(target, NOTIFICATION_TYPE, message)
                time.sleep(max(0, start + (number + 1) * interval - time.monotonic()))

        name = "bus_quiet_test.send_background"
        threading.Thread(target=run, name=name, daemon=True).start()

    @api.model
    def notify_user(self, partner_id, notification_type, payload):
        """Send the user a notification of any type."""
        self._check_admin()
        self.env["res.partner"].browse(partner_id)._bus_send(notification_type, payload)

    @api.model
    def post(self, login, channel_id, count):
        """Have the user write messages to a chat, all in one transaction."""
        self._check_admin()
        user = self.env["res.users"].search([("login", "=", login)])
        channel = self.env["discuss.channel"].with_user(user).browse(channel_id)
        for number in range(count):
            channel.message_post(
                body=f"Message {number + 1} of {count}",
                message_type="comment",
                subtype_xmlid="mail.mt_comment",
            )

    @api.model
    def hold_rows(self, user_id, duration):
        """Lock a user's rows for so many seconds, as a long transaction of business does.

        In the background; returns when they are locked.
        """
        self._check_admin()
        held = threading.Event()
        holding.clear()

        def run():
            try:
                with self.env.registry.cursor() as cr:
                    cr.execute("SELECT FROM res_users WHERE id = %s FOR UPDATE", [user_id])
                    cr.execute(
                        "UPDATE mail_presence SET last_poll = last_poll WHERE user_id = %s",
                        [user_id],
                    )
                    held.set()
                    time.sleep(duration)
                    cr.execute("UPDATE res_users SET signature = 'held' WHERE id = %s", [user_id])
                holding.append("committed")
            except Exception as error:
                holding.append(str(error))

        threading.Thread(target=run, name="bus_quiet_test.hold_rows", daemon=True).start()
        return held.wait(5)

    @api.model
    def held_rows(self):
        """What became of it: "committed", an error, or nothing yet."""
        self._check_admin()
        return holding[-1] if holding else False

    @api.model
    def send_timed(self, partner_id, count, interval):
        """Send as `send` does, one each `interval` seconds.

        :return: the times of the commits, in milliseconds since 1970
        """
        self._check_admin()
        commits = []
        for number in range(count):
            with self.env.registry.cursor() as cr:
                # Before the hook that tells the dispatcher.
                cr.postcommit.add(lambda: commits.append(time.time() * 1000))
                self._notify(cr, partner_id, number)
            time.sleep(interval)
        return commits

    @api.model
    def send_late(self, partner_id, number, delay):
        """Insert the notification now, and commit `delay` seconds later in the background.

        Its id is lower than the ids of what is sent meanwhile, and it becomes visible
        after them.
        """
        self._check_admin()
        inserted = threading.Event()

        def run():
            with self.env.registry.cursor() as cr:
                self._notify(cr, partner_id, number)
                cr.precommit.run()
                inserted.set()
                time.sleep(delay)

        threading.Thread(target=run, name="bus_quiet_test.send_late", daemon=True).start()
        return inserted.wait(5)

    def _send(self, partner_id, number):
        with self.env.registry.cursor() as cr:
            self._notify(cr, partner_id, number)

    def _notify(self, cr, partner_id, number):
        partner = api.Environment(cr, self.env.uid, {})["res.partner"].browse(partner_id)
        # The time tells what an earlier test sent: a page may be given what is older than it.
        sent = round(time.time() * 1000)
        partner._bus_send(NOTIFICATION_TYPE, {"number": number, "sent": sent})

    def _check_admin(self):
        if not self.env.is_admin():
            raise AccessError("bus.quiet.test: only for administrators")
