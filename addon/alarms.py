"""Things to do later, in one thread of each process."""

import heapq
import itertools
import logging
import threading
import time

_logger = logging.getLogger(__name__)


class Alarm:
    """One call that is due later; see :meth:`Alarms.set`."""

    def __init__(self, function):
        self._function = function

    def cancel(self):
        # What the function holds must not stay until the alarm would have rung.
        self._function = None

    def ring(self):
        function, self._function = self._function, None
        if function:
            function()


class Alarms:
    """Calls functions later. A thread for each would cost more than what is waited for."""

    def __init__(self):
        self._thread = None
        self._queue = []
        self._numbers = itertools.count()
        self._changed = threading.Condition()

    def set(self, delay, function):
        """Call the function, which must not take long, after ``delay`` seconds.

        :return: the :class:`Alarm`, which can be cancelled
        """
        alarm = Alarm(function)
        with self._changed:
            heapq.heappush(self._queue, (time.monotonic() + delay, next(self._numbers), alarm))
            self._changed.notify()
            # Made here: in a worker process a thread object of before its fork counts as ended.
            if not self._thread or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._run, name=__name__, daemon=True)
                self._thread.start()
        return alarm

    def _run(self):
        while True:
            try:
                self._next().ring()
            except Exception:
                _logger.exception("Quiet Bus: what was due failed")

    def _next(self):
        with self._changed:
            while True:
                due = self._queue[0][0] - time.monotonic() if self._queue else None
                if due is not None and due <= 0:
                    return heapq.heappop(self._queue)[2]
                self._changed.wait(due)


alarms = Alarms()
