import os
import threading
import traceback

from odoo.addons.bus_quiet.addon.alarms import Alarms
from odoo.tests import BaseCase, tagged


@tagged("post_install", "-at_install")
class TestAlarms(BaseCase):
    def setUp(self):
        super().setUp()
        self.alarms = Alarms()
        self.calls = []
        self.done = threading.Event()

    def wait(self):
        self.alarms.set(0.05, self.done.set)
        self.assertTrue(self.done.wait(5))

    def test_order(self):
        self.alarms.set(0.03, lambda: self.calls.append("second"))
        self.alarms.set(0.01, lambda: self.calls.append("first"))
        self.wait()
        self.assertEqual(self.calls, ["first", "second"])

    def test_cancelled(self):
        alarm = self.alarms.set(0.01, lambda: self.calls.append("cancelled"))
        alarm.cancel()
        self.wait()
        self.assertFalse(self.calls)

    def test_one_that_fails(self):
        def fail():
            raise ValueError("this one fails")

        self.alarms.set(0.01, fail)
        with self.assertLogs("odoo.addons.bus_quiet.addon.alarms", "ERROR"):
            self.wait()

    def test_worker_processes(self):
        # What is made before the fork of a worker has to work in it.
        child = os.fork()
        if not child:
            try:
                self.wait()
                self.done.clear()
                self.wait()
                os._exit(0)
            except BaseException:
                traceback.print_exc()
            os._exit(1)
        self.assertEqual(os.waitpid(child, 0)[1], 0)
