import weakref
from datetime import timedelta
from types import SimpleNamespace
from unittest.mock import patch

from odoo import fields
from odoo.addons.bus.models.bus import dispatch, hashable
from odoo.addons.bus_quiet.addon import (
    leaving as leaving_module,
    presence as presence_module,
    reports as reports_module,
    roll_call as roll_call_module,
)
from odoo.addons.bus_quiet.addon.alarms import Alarm
from odoo.addons.bus_quiet.addon.connected import Connected
from odoo.addons.bus_quiet.addon.leaving import Leaving
from odoo.addons.bus_quiet.addon.models import mail_presence
from odoo.addons.bus_quiet.addon.presence import RENEWAL_TIME, Persona, renew
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
        self.notified = []
        alarms = SimpleNamespace(set=self._set_alarm)
        for module in (leaving_module, reports_module, roll_call_module):
            self.startPatcher(patch.object(module, "alarms", alarms))
        self.startPatcher(patch.object(roll_call_module, "_notify", self.notified.extend))
        self.connected = Connected()
        self.addCleanup(self._stop_listening)
        for module in (leaving_module, reports_module):
            self.startPatcher(patch.object(module, "connected", self.connected))
        self.leaving = Leaving()
        self.startPatcher(patch.object(mail_presence, "leaving", self.leaving))
        # The environment of a test is allowed one cursor: its own.
        for module in (leaving_module, presence_module):
            self.startPatcher(patch.object(module, "acquire_cursor", self._cursor))
        self.startPatcher(patch.object(presence_module, "read_committed_cursor", self._cursor))

    def _stop_listening(self):
        for attendance in self.connected._attendances.values():
            attendance.listener.close()

    def _cursor(self, _database):
        test = self

        class OwnCursor:
            def __enter__(self):
                test.env.flush_all()
                test.env.invalidate_all()
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

    def _report(self, persona, inactivity=0, connection=None):
        """:param connection: which says it; by default a request that is none"""
        client = weakref.ref(connection) if connection else None
        model = self.env["mail.presence"].with_context(bus_quiet_client=client)
        model._update_presence(persona, inactivity)

    def _is_asked_for(self, persona):
        """Tell whether other processes were asked for somebody since this was last asked."""
        channel = (self.env.cr.dbname, "bus_quiet.asked", persona._name, persona.id)
        is_asked = channel in self.notified
        self.notified.clear()
        return is_asked

    def _answer_elsewhere(self, persona):
        """Another process says that somebody is here."""
        channel = (self.env.cr.dbname, "bus_quiet.here", persona._name, persona.id)
        for listener in list(dispatch._channels_to_ws.get(hashable(channel), ())):
            listener.trigger_notification_dispatching()

    def _age(self, persona, **age):
        """Make the row older than it is."""
        presence = persona.sudo().presence_ids
        presence.last_poll -= timedelta(**age)
        presence.last_presence -= timedelta(**age)
        self.env.flush_all()

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
                with self.assertQueryCount(2):
                    self._report(persona)
                self.assertEqual(self._broadcasts(), [])
                self._age(persona, hours=2)
                self._report(persona, 2 * 3_600_000)
                self.assertEqual(persona.im_status, "away")
                self.assertEqual(self._broadcasts(), ["away"])
                idle = fields.Datetime.now() - persona.sudo().presence_ids.last_presence
                self.assertAlmostEqual(idle, timedelta(hours=2), delta=timedelta(seconds=5))

    def test_times_are_renewed(self):
        self._report(self.marc)
        self._age(self.marc, seconds=RENEWAL_TIME + 1)
        presence = self.marc.presence_ids
        old = presence.last_poll
        self._broadcasts()
        self._report(self.marc)
        self.assertGreater(presence.last_poll, old)
        self.assertGreater(presence.last_presence, old)
        self.assertEqual(self._broadcasts(), [], "that is no news")

    def test_who_has_no_connection_is_shown_by_the_row(self):
        self._report(self.marc)
        presence = self.marc.presence_ids
        self._age(self.marc, seconds=5)
        last_poll = presence.last_poll
        self._broadcasts()
        self._report(self.marc)
        self.assertEqual(presence.last_poll, last_poll, "that was just now")
        self._age(self.marc, seconds=6)
        self._close(self.marc)
        self._report(self.marc)
        self.assertGreater(presence.last_poll, last_poll)
        while self.alarms:
            self._age(self.marc, seconds=-1)
            self._ring()
        self.assertEqual(self._broadcasts(), [], "online all the time")

    def test_when_a_connected_user_was_active_is_written_in_the_end(self):
        connection = Connection("OPEN")
        self._report(self.marc, 20 * 60_000, connection)
        presence = self.marc.presence_ids
        idle_since = presence.last_presence
        with self.assertQueryCount(2):
            self._report(self.marc, 0, connection)
        self.assertEqual(presence.last_presence, idle_since)
        self._age(self.marc, minutes=1)
        connection.state.name = "CLOSED"
        left_at = fields.Datetime.now()
        self._close(self.marc)
        self._ring_until_offline(self.marc)
        self.assertGreaterEqual(presence.last_presence, left_at - timedelta(seconds=2))
        self.assertGreaterEqual(presence.last_poll, left_at, "offline since")

    def test_a_device_that_leaves_is_nothing_to_write(self):
        desk, phone = Connection("OPEN"), Connection("OPEN")
        self._report(self.marc, 0, desk)
        self._report(self.marc, 0, phone)
        self._age(self.marc, minutes=30)
        last_poll = self.marc.presence_ids.last_poll
        self._report(self.marc, 0, desk)
        phone.state.name = "CLOSED"
        self._close(self.marc)
        while self.alarms:
            self._ring()
        self.assertEqual(self.marc.presence_ids.last_poll, last_poll)

    def test_or_by_the_process_that_loses_them_to_another_one(self):
        connection = Connection("OPEN")
        self._report(self.marc, 20 * 60_000, connection)
        presence = self.marc.presence_ids
        idle_since = presence.last_presence
        self._report(self.marc, 0, connection)
        connection.state.name = "CLOSED"
        self._close(self.marc)
        while self.alarms:
            self._answer_elsewhere(self.marc)
            self._ring()
        self.assertEqual(presence.status, "online")
        self.assertGreater(presence.last_presence, idle_since)
        self.assertNotIn(Persona.of(self.marc), self.connected.known(self.env.cr.dbname))

    def test_who_works_at_one_device_is_not_away(self):
        desk, phone = Connection("OPEN"), Connection("OPEN")
        self._report(self.marc, 0, desk)
        self._report(self.marc, 0, phone)
        self._broadcasts()
        with self.assertQueryCount(2):
            self._report(self.marc, 31 * 60_000, phone)
        self.assertEqual(self.marc.im_status, "online")
        desk.state.name = "CLOSED"
        self._close(self.marc)
        while self.marc.presence_ids.status != "away":
            self._ring()
        self.assertEqual(self._broadcasts(), ["away"])
        self._report(self.marc, 0, phone)
        self.assertEqual(self._broadcasts(), ["online"])
        self._report(self.marc, 31 * 60_000, phone)
        self.assertEqual(self._broadcasts(), ["away"], "the only one that is left")

    def test_requests_of_one_client(self):
        self._report(self.marc, 0, Request("a client"))
        held = Request("a client")
        self._report(self.marc, 31 * 60_000, held)
        self.assertEqual(self.marc.im_status, "away")

    def test_what_another_device_has_written_meanwhile(self):
        persona, now = Persona.of(self.marc), fields.Datetime.now()
        self.assertTrue(presence_module.report(persona, "online", now, RENEWAL_TIME, now))
        self._age(self.marc, minutes=1)
        last_poll = self.marc.presence_ids.last_poll
        self.assertTrue(presence_module.report(persona, "online", now, RENEWAL_TIME, now))
        self.assertEqual(self.marc.presence_ids.last_poll, last_poll, "it was known")

    def test_manual_status(self):
        self._report(self.marc)
        self._age(self.marc, hours=2)
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

    def test_nor_where_the_row_says_already_what_is_new(self):
        self._report(self.marc)
        with patch.object(reports_module, "report", lambda *args: False):
            self._report(self.marc, 2 * 3_600_000)
        self._report(self.marc)
        while self.alarms:
            self._ring()
        self.assertEqual(self.marc.presence_ids.status, "online")

    def test_a_row_that_is_locked_for_long(self):
        with patch.object(reports_module, "report", lambda *args: False):
            self._report(self.marc)
            delays = []
            while self.alarms:
                delays.append(self._ring())
        self.assertEqual(delays[0], 0.5)
        self.assertEqual(max(delays), 5, "it is written soon after the end")
        self.assertGreater(sum(delays), 3_600)

    def test_who_has_left_before_it_could_be_written(self):
        self._report(self.marc)
        self._age(self.marc, minutes=5)
        reported_at = fields.Datetime.now() - timedelta(seconds=10)
        clock = SimpleNamespace(Datetime=SimpleNamespace(now=lambda: reported_at))
        with (
            patch.object(reports_module, "report", lambda *args: False),
            patch.object(reports_module, "fields", clock),
        ):
            self._report(self.marc, 2 * 3_600_000)
        self._close(self.marc)
        # The last attempt succeeds while they may still come back, and shows nobody.
        self._ring()
        self.assertEqual(self.marc.presence_ids.status, "away")
        self.assertEqual(self.marc.presence_ids.last_poll, reported_at)
        self._ring_until_offline(self.marc)

    def test_leaving(self):
        for persona in (self.marc, self.guest):
            with self.subTest(persona=persona._name):
                self._report(persona)
                self._age(persona, seconds=5)
                self._broadcasts()
                self._close(persona)
                self.assertEqual(persona.sudo().presence_ids.status, "online")
                self.assertEqual(self._ring(), 15)
                self.assertTrue(self._is_asked_for(persona))
                self._ring()
                self.assertEqual(persona.sudo().presence_ids.status, "offline")
                self.assertEqual(self._broadcasts(), ["offline"])
                self.assertFalse(self.alarms)

    def test_coming_back(self):
        self._report(self.marc)
        self._broadcasts()
        self._close(self.marc)
        connection = Connection("OPEN")
        self.connected.add(Persona.of(self.marc), connection)
        self._ring()
        self.assertFalse(self._is_asked_for(self.marc))
        self.assertEqual(self.marc.presence_ids.status, "online")
        self.assertEqual(self._broadcasts(), [])
        connection.state.name = "CLOSED"
        self._close(self.marc)
        while not self._is_asked_for(self.marc):
            self._ring()

    def test_here_by_another_process(self):
        self._report(self.marc)
        self._age(self.marc, seconds=30)
        last_poll = self.marc.presence_ids.last_poll
        self._close(self.marc)
        self._ring()
        self._answer_elsewhere(self.marc)
        self._ring()
        self.assertEqual(self.marc.presence_ids.status, "online")
        self.assertEqual(self.marc.presence_ids.last_poll, last_poll, "nothing was written")
        self.assertFalse(self.alarms)

    def test_here_by_polls_that_any_process_serves(self):
        self._report(self.marc)
        self._age(self.marc, seconds=30)
        self._close(self.marc)
        self._ring()
        renew(Persona.of(self.marc), 0)
        self._age(self.marc, seconds=-1)
        self._ring()
        self.assertEqual(self.marc.presence_ids.status, "online")

    def test_answering(self):
        connection = Connection("OPEN")
        self.connected.add(Persona.of(self.marc), connection)
        here = (self.env.cr.dbname, "bus_quiet.here", "res.users", self.marc.id)
        self._ring()
        self.assertIn(here, self.notified, "another process may have asked before")
        self.notified.clear()
        asked = (self.env.cr.dbname, "bus_quiet.asked", "res.users", self.marc.id)
        (listener,) = dispatch._channels_to_ws[hashable(asked)]
        listener.trigger_notification_dispatching()
        listener.trigger_notification_dispatching()
        self.assertFalse(self.notified, "not in the dispatcher's thread")
        self._ring()
        self.assertEqual(self.notified, [here])
        self.notified.clear()
        connection.state.name = "CLOSED"
        listener.trigger_notification_dispatching()
        self.assertFalse(self.alarms)

    def test_several_connections_end(self):
        self._report(self.marc)
        for _connection in range(3):
            self._close(self.marc)
        pending = [bool(alarm._function) for _delay, alarm in self.alarms]
        self.assertEqual(pending, [False, False, True])

    def test_whom_a_killed_process_left_behind(self):
        self._report(self.marc)
        self._age(self.marc, minutes=5)
        self.leaving.watch(self.env.cr.dbname)
        self.leaving.watch(self.env.cr.dbname)
        self.assertEqual(len(self.alarms), 1)
        self.assertEqual(self._ring(), leaving_module.FIRST_SWEEP)
        self.assertTrue(self._is_asked_for(self.marc))
        self._ring_until_offline(self.marc)
        self.assertIn(leaving_module.SWEEP_INTERVAL, [delay for delay, _alarm in self.alarms])

    def test_who_asks_by_polls_is_not_doubted(self):
        self.env["ir.config_parameter"].set_param("bus_quiet.poll_dormant", 3_600)
        self._report(self.marc)
        self._age(self.marc, minutes=50)
        self.leaving.watch(self.env.cr.dbname)
        self._ring()
        self.assertFalse(self._is_asked_for(self.marc))

    def test_who_stays_is_renewed(self):
        persona = Persona.of(self.marc)
        self._report(self.marc, 0, Connection("OPEN"))
        connection = Connection("OPEN")
        self._report(self.marc, 0, connection)
        self._age(self.marc, seconds=RENEWAL_TIME - 60)
        last_poll = self.marc.presence_ids.last_poll
        self.leaving.watch(self.env.cr.dbname)
        self._ring_sweep()
        self.assertEqual(self.marc.presence_ids.last_poll, last_poll)
        self._age(self.marc, minutes=2)
        self._ring_sweep()
        self.assertGreater(self.marc.presence_ids.last_poll, last_poll)
        self.assertGreater(self.marc.presence_ids.last_presence, last_poll)
        self.assertFalse(self._is_asked_for(self.marc))
        self.assertTrue(self.connected.has(persona))

    def test_who_never_reported_is_forgotten(self):
        persona = Persona.of(self.marc)
        connection = Connection("OPEN")
        self.connected.add(persona, connection)
        self.leaving.watch(self.env.cr.dbname)
        self._ring_sweep()
        self.assertIn(persona, self.connected.known(self.env.cr.dbname))
        connection.state.name = "CLOSED"
        self._ring_sweep()
        self.assertNotIn(persona, self.connected.known(self.env.cr.dbname))

    def test_who_is_expected_back_is_not_doubted(self):
        self._report(self.marc)
        self._age(self.marc, minutes=5)
        self.leaving.watch(self.env.cr.dbname)
        self._close(self.marc)
        self._ring_sweep()
        self.assertFalse(self._is_asked_for(self.marc))
        self.assertEqual(self.marc.presence_ids.status, "online")

    def _ring_until_offline(self, persona):
        while persona.presence_ids.status != "offline":
            self._ring()

    def _ring_sweep(self):
        sweeps = (leaving_module.FIRST_SWEEP, leaving_module.SWEEP_INTERVAL)
        while self._ring() not in sweeps:
            pass

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


class Request:
    is_gone = False

    def __init__(self, key):
        self.key = key


def eval_status(message):
    statuses = ("online", "away", "offline")
    return next(it for it in statuses if f'"presence_status":"{it}"' in message)
