"""What one client has of the notifications."""

import bisect
import time

from odoo.addons.bus.websocket import Websocket


class Position:
    """From where a client gets notifications, without a repetition and without a gap.

    A notification gets its id when it is inserted and is seen when it is committed: a lower id
    can come after a higher one. So ids are held back for a while, as stock's websocket does.
    """

    def __init__(self, last, seen):
        """
        :param int last: the client has everything up to this id
        :param seen: ids after it that it has
        """
        self.last = last
        now = time.monotonic()
        self._history = sorted((id_, now) for id_ in set(seen))

    @property
    def seen(self):
        return [id_ for id_, _time in self._history]

    def advance(self, ids):
        """Take note of what the client is given."""
        now = time.monotonic()
        for id_ in ids:
            bisect.insort(self._history, (id_, now))
        expired = now - Websocket.MAX_NOTIFICATION_HISTORY_SEC
        # Only from the lowest up: one that is kept needs those after it to be kept too.
        count = next(
            (index for index, entry in enumerate(self._history) if entry[1] >= expired),
            len(self._history),
        )
        if count:
            self.last = self._history[count - 1][0]
            del self._history[:count]
