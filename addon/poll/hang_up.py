"""Finds out that a client is gone to whom nothing is being sent."""

import socket

#: What Linux calls a TCP connection of which neither end is closed.
ESTABLISHED = 1


def has_hung_up(connection):
    """Tell whether the other end has closed the connection, as far as the system can say.

    Without reading from it: in the evented process that would wait.
    """
    try:
        state = connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)[0]
    except (AttributeError, OSError):
        # Not Linux, or not TCP. A closed one has no state either; to send to it will fail.
        return False
    return state != ESTABLISHED
