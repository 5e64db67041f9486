"""A request that is held until there are notifications: the server's end of a client's stream."""

import json
import threading
import time

from odoo.addons.bus.websocket import CloseCode, acquire_cursor
from odoo.http import SessionExpiredException, root
from odoo.service.security import check_session
from psycopg2.pool import PoolError

from ..attention import end_hold_back, set_hold_back
from ..dispatcher import listen, stop_listening
from .hang_up import has_hung_up
from .position import Position

#: How long a stream lasts, in seconds: less than most proxies allow a request.
STREAM_LIFE = 55
#: How long a request without any byte of an answer lasts; some proxies allow it 30 s.
SILENT_LIFE = 25
#: Interval of the sign of life in a stream, in seconds, for proxies between.
HEARTBEAT = 15
#: How often, in seconds, it is looked whether the client has gone.
LOOK_INTERVAL = 2
#: How long, in seconds, what comes next is waited for where each answer costs a request.
GATHERING_TIME = 0.1
#: How many may look for notifications at once, in a process: a broadcast wakes all of them, and
#: what else the process serves fails when no connection to the database is free.
MOST_LOOKS = 16

_turns = threading.BoundedSemaphore(MOST_LOOKS)


def line(value):
    """A line of an answer: an object about the answer itself, or a list of notifications."""
    return json.dumps(value, separators=(",", ":")).encode() + b"\n"


class HeldPoll:
    """Behaves like a websocket towards the dispatcher, which wakes it.

    It has no cursor of the database while it waits.
    """

    def __init__(self, client, poll, channels, hold_back, connection=None):
        """
        :param Client client: who asks
        :param PollRequest poll: what it asks
        :param channels: to listen to, with the database, as ``_prepare_subscribe_data`` gives them
        :param hold_back: how long, in seconds, what is not urgent may wait
        :param connection: the socket
        """
        self.client = client
        self._db = client.database
        self._channels = set()
        self._wanted = channels
        self._hold_back = hold_back
        self._is_stream = poll.hold == "stream"
        self._position = Position(poll.last, poll.seen)
        self._connection = connection
        self._woken = threading.Event()
        #: Whether the client has ended it.
        self.is_abandoned = False
        #: Why it is to end: what the client is told.
        self._end = None

    def subscribe(self, channels, last):
        """Called by the dispatcher."""
        self._channels = channels
        self._woken.set()

    def trigger_notification_dispatching(self):
        self._woken.set()

    def end(self, **reason):
        """End it from outside; the client is told the reason."""
        self._end = reason
        self._woken.set()

    def leave(self):
        """Stop listening, whichever way it ended."""
        end_hold_back(self)
        stop_listening(self)
        self._channels = set()

    def lines(self, greeting):
        """What is sent, for as long as it lasts."""
        listen(self, self._wanted, self._db)
        set_hold_back(self, self._hold_back)
        try:
            yield line(greeting)
            now = time.monotonic()
            end = now + (STREAM_LIFE if self._is_stream else SILENT_LIFE)
            heartbeat = now + HEARTBEAT
            while not self._end:
                is_woken = self._woken.wait(max(0, min(end - now, heartbeat - now, LOOK_INTERVAL)))
                now = time.monotonic()
                is_over = now >= end
                if not is_woken and not is_over:
                    if has_hung_up(self._connection):
                        self.is_abandoned = True
                        return
                    if now >= heartbeat:
                        heartbeat = now + HEARTBEAT
                        yield b"\n"
                    continue
                self._woken.clear()
                # With a last look: what is held back has waited for long enough.
                notifications = [] if self._end else self._take()
                if notifications:
                    yield line(notifications)
                if is_over or (notifications and not self._is_stream):
                    # Who is hidden must know that nothing waits any more.
                    yield line({"done": True})
                    return
            yield line(self._end)
        except SessionExpiredException:
            yield line({"code": CloseCode.SESSION_EXPIRED, "reason": "the session has expired"})
        except PoolError:
            yield line({"code": CloseCode.TRY_LATER, "reason": "no database connection is free"})
        finally:
            self.leave()

    def _take(self):
        if not self._is_stream:
            time.sleep(GATHERING_TIME)
        if self.client.session.uid:
            self._follow_session()
        with _turns, acquire_cursor(self._db) as cr:
            env = self.client.env(cr)
            if env.uid and not check_session(self.client.session, env):
                raise SessionExpiredException()
            notifications = env["bus.bus"]._poll(
                self._channels, self._position.last, self._position.seen
            )
        self._position.advance(notification["id"] for notification in notifications)
        return notifications

    def _follow_session(self):
        session = root.session_store.get(self.client.session.sid)
        while "next_sid" in session:
            session = root.session_store.get(session["next_sid"])
        if not session:
            raise SessionExpiredException()
        self.client.session = session
