"""How urgently a browser wants its notifications, and how the server spares it the rest."""

from odoo.addons.bus.websocket import Websocket

from .alarms import alarms
from .dispatcher import listen, stop_listening

#: What a client may say of its browser: the highest level of its tabs.
LEVELS = ("focused", "visible", "hidden", "dormant")
#: Channels of these models are urgent: a chat message or a call has to beep at once. As the channel
#: of a partner or guest only their own is subscribed to: others are followed in ``presence``.
URGENT_MODELS = {"res.partner", "mail.guest", "discuss.channel"}


def is_urgent(channel):
    """Tell whether a channel, as ``channel_with_db`` makes it, may not wait."""
    if len(channel) < 3 or channel[1] not in URGENT_MODELS:
        return False
    return len(channel) == 3 or channel[3] != "presence"


class WakingChannels(set):
    """The channels that wake a connection; it has others beside them, in ``all``."""

    def __init__(self, urgent, everything):
        super().__init__(urgent)
        self.all = everything


class Gathering:
    """Stands in for a connection on the channels that can wait, and wakes it later for all at once.

    It has what the dispatcher needs of a websocket.
    """

    def __init__(self, connection, delay):
        """
        :param connection: its owner ends this with it
        :param delay: how long, in seconds, a notification may wait
        """
        self._connection = connection
        self._delay = delay
        self._channels = set()
        self._alarm = None

    def subscribe(self, channels, last):
        self._channels = channels

    def trigger_notification_dispatching(self):
        if not self._alarm:
            self._alarm = alarms.set(self._delay, self._wake)

    def end(self):
        if self._alarm:
            self._alarm.cancel()
        stop_listening(self)
        self._channels = set()

    def _wake(self):
        self._alarm = None
        self._connection.trigger_notification_dispatching()


#: Those of the connections whose browsers are hidden.
_gatherings = {}


def set_hold_back(connection, delay):
    """Wake a connection at once only for its urgent channels, and later for all others.

    :param connection: a websocket, or what behaves like one, that is subscribed
    :param delay: how long, in seconds, what is not urgent may wait; 0: nothing waits
    """
    was_held_back = end_hold_back(connection)
    if not delay and not was_held_back:
        return
    channels = getattr(connection._channels, "all", connection._channels)
    background = {channel for channel in channels if delay and not is_urgent(channel)}
    # To subscribe is also to look for notifications: what waited comes at once.
    listen(connection, channels - background, connection._db)
    if background:
        connection._channels = WakingChannels(channels - background, channels)
        _gatherings[connection] = gathering = Gathering(connection, delay)
        listen(gathering, background, connection._db)


def end_hold_back(connection):
    """Forget what waits for a connection that ends, or is subscribed anew; tell whether it did."""
    gathering = _gatherings.pop(connection, None)
    if gathering:
        gathering.end()
    return gathering is not None


@Websocket.onclose
def end_with_websocket(_env, websocket):
    end_hold_back(websocket)
