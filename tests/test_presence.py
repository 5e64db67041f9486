from datetime import timedelta
from types import SimpleNamespace
from unittest.mock import patch

from odoo import fields
from odoo.addons.bus_quiet.addon import (
    connected as connected_module,
    leaving as leaving_module,
    presence as presence_module,
    reports as reports_module,
)
from odoo.addons.bus_quiet.addon.alarms import Alarm
from odoo.addons.bus_quiet.addon.connected import connected
from odoo.addons.bus_quiet.addon.leaving import Leaving
from odoo.addons.bus_quiet.addon.models import mail_presence
from odoo.addons.bus_quiet.addon.presence import FRESH_TIME, Persona, touch
from odoo.tests import TransactionCase, new_test_user, tagged


@tagged("post_install", "-at_install")
class TestPresence(TransactionCase):
    is_patient = True

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.marc = new_test_user(cls.env, "bus_quiet_marc")
        cls.guest = cls.env["mail.guest"].create({"name": "Guest"})

    def setUp(self):
        super().setUp()
        self.alarms = []
        self.roll_calls = []
        alarms = SimpleNamespace(set=self._set_alarm)
        for module in (connected_module, leaving_module, reports_module):
            self.startPatcher(patch.object(module, "alarms", alarms))
        self.startPatcher(patch.object(leaving_module, "call_roll", self.roll_calls.append))
        self.leaving = Leaving()
        self.startPatcher(patch.object(mail_presence, "leaving", self.leaving))
        # The environment of a test is allowed one cursor: its own.
        self.startPatcher(patch.object(presence_module, "acquire_cursor", self._cursor))

    def _cursor(self, _database):
        test = self

        class OwnCursor:
            def __enter__(self):
                test.env.flush_all()
                return test.env.cr

            def __exit__(self, *args):
                test.env.flush_all()
                test.env.invalidate_all()

        return OwnCursor()

    def _set_alarm(self, delay, function):
        alarm = Alarm(function)
        self.alarms.append((delay, alarm))
        return alarm

    def _ring(self):
        """Ring the next alarm; returns how long it was set for."""
        delay, alarm = self.alarms.pop(0)
        alarm.ring()
        self.env.invalidate_all()
        return delay

    def _report(self, persona, inactivity=0):
        self.env["mail.presence"]._update_presence(persona, inactivity)

    def _close(self, user):
        """What stock does at the end of a websocket."""
        presence = user.sudo().presence_ids.with_context(bus_quiet_leaving=True)
        presence.status = "offline"

    def _broadcasts(self):
        """The statuses that were told since this was asked last."""
        self.env.cr.precommit.run()
        rows = self.env["bus.bus"].search([("message", "like", "bus.bus/im_status_updated")])
        statuses = [eval_status(row.message) for row in rows.sorted("id")]
        rows.unlink()
        return statuses

    def test_reports(self):
        for persona in (self.marc, self.guest):
            with self.subTest(persona=persona._name):
                self._broadcasts()
                self._report(persona)
                self.assertEqual(persona.im_status, "online")
                self.assertEqual(self._broadcasts(), ["online"])
                with self.assertQueryCount(1):
                    self._report(persona)
                self.assertEqual(self._broadcasts(), [])
                self._report(persona, 2 * 3_600_000)
                self.assertEqual(persona.im_status, "away")
                self.assertEqual(self._broadcasts(), ["away"])
                idle = fields.Datetime.now() - persona.sudo().presence_ids.last_presence
                self.assertAlmostEqual(idle, timedelta(hours=2), delta=timedelta(seconds=5))

    def test_times_are_renewed(self):
        self._report(self.marc)
        presence = self.marc.presence_ids
        old = fields.Datetime.now() - timedelta(seconds=FRESH_TIME + 1)
        presence.write({"last_poll": old, "last_presence": old})
        self.env.flush_all()
        self._broadcasts()
        self._report(self.marc)
        self.assertGreater(presence.last_poll, old)
        self.assertGreater(presence.last_presence, old)
        self.assertEqual(self._broadcasts(), [], "that is no news")

    def test_who_was_idle_and_works_again(self):
        self._report(self.marc, 20 * 60_000)
        presence = self.marc.presence_ids
        idle_since = presence.last_presence
        self._broadcasts()
        self._report(self.marc, 15 * 60_000)
        self.assertEqual(presence.last_presence, idle_since, "that is near enough")
        self._report(self.marc)
        self.assertGreater(presence.last_presence, idle_since)
        self.assertEqual(self._broadcasts(), [], "online all the time")

    def test_manual_status(self):
        self._report(self.marc)
        self.marc.manual_im_status = "busy"
        self._report(self.marc, 2 * 3_600_000)
        self.assertEqual(self.marc.im_status, "busy")

    def test_a_row_that_somebody_else_writes(self):
        answers = [False, False, True]
        reports = []

        def report(*args):
            reports.append(args)
            return answers.pop(0)

        with patch.object(reports_module, "report", report):
            self._report(self.marc)
            self._ring()
            self._ring()
        self.assertEqual(len(reports), 3)
        self.assertEqual(len(set(reports)), 1, "what was reported first")
        self.assertFalse(self.alarms)

    def test_what_is_old_is_not_written_later(self):
        with patch.object(reports_module, "report", lambda *args: False):
            self._report(self.marc, 2 * 3_600_000)
        self._report(self.marc)
        while self.alarms:
            self._ring()
        self.assertEqual(self.marc.presence_ids.status, "online")

    def test_leaving(self):
        self._report(self.marc)
        self.marc.presence_ids.last_poll -= timedelta(seconds=5)
        self._broadcasts()
        self._close(self.marc)
        self.assertEqual(self.marc.presence_ids.status, "online")
        self.assertEqual(self._ring(), 15)
        self.assertEqual(self.roll_calls, [[Persona.of(self.marc)]])
        self._ring()
        self.assertEqual(self.marc.presence_ids.status, "offline")
        self.assertEqual(self._broadcasts(), ["offline"])
        self.assertFalse(self.alarms)

    def test_coming_back(self):
        self._report(self.marc)
        self._broadcasts()
        self._close(self.marc)
        connection = Connection("OPEN")
        connected.add(Persona.of(self.marc), connection)
        self._ring()
        self.assertFalse(self.roll_calls)
        self.assertEqual(self.marc.presence_ids.status, "online")
        self.assertEqual(self._broadcasts(), [])
        connection.state.name = "CLOSED"
        self._close(self.marc)
        self._ring()
        self.assertTrue(self.roll_calls)

    def test_here_by_another_process(self):
        self._report(self.marc)
        self.marc.presence_ids.last_poll -= timedelta(seconds=30)
        self._close(self.marc)
        self._ring()
        touch(Persona.of(self.marc), 0)
        self._ring()
        self.assertEqual(self.marc.presence_ids.status, "online")
        self.assertFalse(self.alarms)

    def test_several_connections_end(self):
        self._report(self.marc)
        for _connection in range(3):
            self._close(self.marc)
        pending = [bool(alarm._function) for _delay, alarm in self.alarms]
        self.assertEqual(pending, [False, False, True])

    def test_whom_a_killed_process_left_behind(self):
        self._report(self.marc)
        self.marc.presence_ids.last_poll -= timedelta(seconds=30)
        self.leaving.watch(self.env.cr.dbname)
        self.leaving.watch(self.env.cr.dbname)
        self.assertEqual(len(self.alarms), 1)
        self.assertEqual(self._ring(), leaving_module.FIRST_SWEEP)
        self.assertIn(Persona.of(self.marc), self.roll_calls[0])
        while self.alarms[0][0] == leaving_module.ROLL_CALL_TIME:
            self._ring()
        self.assertEqual(self.marc.presence_ids.status, "offline")
        self.assertEqual(self.alarms[0][0], leaving_module.SWEEP_INTERVAL)

    def test_who_never_reported_is_forgotten(self):
        persona = Persona.of(self.marc)
        connection = Connection("OPEN")
        connected.add(persona, connection)
        self.leaving.watch(self.env.cr.dbname)
        self._ring()
        self.assertIn(persona, connected.known(self.env.cr.dbname))
        connection.state.name = "CLOSED"
        self._ring()
        self.assertNotIn(persona, connected.known(self.env.cr.dbname))

    def test_who_is_expected_back_is_not_doubted(self):
        self._report(self.marc)
        self.marc.presence_ids.last_poll -= timedelta(seconds=30)
        self.leaving.watch(self.env.cr.dbname)
        self._close(self.marc)
        self._ring()
        self.assertNotIn(Persona.of(self.marc), sum(self.roll_calls, []))
        self.assertEqual(self.marc.presence_ids.status, "online")

    def test_switched_off(self):
        self.env["ir.config_parameter"].set_param("bus_quiet.disabled", True)
        self._report(self.marc)
        self._close(self.marc)
        self.assertEqual(self.marc.presence_ids.status, "offline", "at once, as stock does")
        self.assertFalse(self.alarms)

    def test_setting(self):
        self.env["ir.config_parameter"].set_param("bus_quiet.offline_after", 90)
        self._report(self.marc)
        self._close(self.marc)
        self.assertEqual(self.alarms[0][0], 90)


class Connection:
    def __init__(self, state):
        self.state = SimpleNamespace(name=state)


def eval_status(message):
    statuses = ("online", "away", "offline")
    return next(it for it in statuses if f'"presence_status":"{it}"' in message)
