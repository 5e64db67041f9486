"""Stock's dispatcher, which wakes whoever listens to a channel: for several threads at once."""

import threading
from contextlib import suppress

from odoo.addons.bus.models.bus import dispatch

#: Its map has no lock: a set that one thread drops as empty may just have got another's listener,
#: who then hears nothing, and at its end finds itself gone.
_lock = threading.Lock()


def listen(listener, channels, database):
    """Wake the listener, which has what the dispatcher needs of a websocket, for these channels."""
    with _lock:
        dispatch.subscribe(channels, 0, database, listener)


def stop_listening(listener):
    with _lock:
        # One by one: stock's websockets do not know this lock.
        for channel in list(listener._channels):
            with suppress(KeyError):
                dispatch._clear_outdated_channels(listener, {channel})
