"""What this process knows of the users and guests who have a connection to it."""

import threading
from datetime import datetime
from typing import NamedTuple
from weakref import WeakSet

from .roll_call import roll_call


class Report(NamedTuple):
    """What one connection says of its user or guest."""

    status: str
    #: When they were active last.
    last_presence: datetime


class Attendance:
    """The connections of one user or guest."""

    def __init__(self, listener):
        self.listener = listener
        #: When they were active last, where the row does not say it yet.
        self.active_at = None
        self._connections = WeakSet()
        self._reports = {}

    def add(self, connection):
        self._connections.add(connection)

    def is_here(self):
        return any(self._open_keys())

    def note(self, connection, report):
        self._reports[_key(connection)] = report

    def agreed(self):
        """Return what the open connections say together: who is active at one of them is online."""
        keys = set(self._open_keys())
        # Of those that have ended nothing is kept.
        self._reports = {key: it for key, it in self._reports.items() if key in keys}
        reports = self._reports.values()
        if not reports:
            return None
        statuses = {report.status for report in reports}
        return Report(
            "online" if "online" in statuses else "away",
            max(report.last_presence for report in reports),
        )

    def _open_keys(self):
        return (_key(it) for it in list(self._connections) if _is_open(it))


class Connected:
    def __init__(self):
        self._attendances = {}
        self._lock = threading.RLock()

    def add(self, persona, connection):
        """:param connection: a websocket, or a client that polls and is waited for"""
        with self._lock:
            attendance = self._attendances.get(persona)
            is_new = not attendance
            if is_new:
                listener = roll_call.listen(persona, lambda: self.has(persona))
                attendance = self._attendances[persona] = Attendance(listener)
            attendance.add(connection)
        if is_new:
            # Another process may just have asked.
            roll_call.answer(persona)

    def has(self, persona):
        attendance = self._attendances.get(persona)
        return bool(attendance and attendance.is_here())

    def known(self, database):
        """Return who has a connection, or had one and was not forgotten."""
        return [persona for persona in list(self._attendances) if persona.database == database]

    def note(self, persona, connection, report):
        """Take a report of a connection; returns what all of them say together."""
        self.add(persona, connection)
        with self._lock:
            attendance = self._attendances[persona]
            attendance.note(connection, report)
            return attendance.agreed() or report

    def agreed(self, persona):
        """Return what those connections say that are left, or None."""
        with self._lock:
            attendance = self._attendances.get(persona)
            return attendance and attendance.agreed()

    def remember(self, persona, active_at):
        """Keep a time to be written later.

        :return: False for somebody who has no connection here: then it is not kept
        """
        with self._lock:
            attendance = self._attendances.get(persona)
            if attendance:
                attendance.active_at = max(attendance.active_at or active_at, active_at)
            return bool(attendance)

    def active_at(self, persona):
        """Return the time that was remembered, if any."""
        attendance = self._attendances.get(persona)
        return attendance and attendance.active_at

    def forget(self, persona):
        """Forget who has no connection."""
        with self._lock:
            if self.has(persona):
                return
            attendance = self._attendances.pop(persona, None)
        if attendance:
            attendance.listener.close()


def _key(connection):
    # Each request of a client that polls is an object of its own.
    return getattr(connection, "key", connection)


def _is_open(connection):
    # Not only for as long as it is referred to: the dispatcher refers to those it woke last.
    if hasattr(connection, "is_gone"):
        return not connection.is_gone
    return connection.state.name == "OPEN"


connected = Connected()
