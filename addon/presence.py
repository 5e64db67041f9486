"""The row of a user or guest in ``mail_presence``: read and written without waiting for anybody."""

from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from typing import NamedTuple

from odoo import api, fields, modules
from odoo.addons.bus.websocket import acquire_cursor
from odoo.tools import SQL

#: Age, in seconds, from which the time in the row is renewed though nothing else has changed.
#: Stock deletes rows of 12 hours.
FRESH_TIME = 3_600
#: By how much, in seconds, the time when the user was active last may lag behind: there are modules
#: that look whether somebody was active since an hour or a day (``gamification``, ``hr``).
ACTIVITY_STEP = 600
ALWAYS = SQL("TRUE")


class Persona(NamedTuple):
    """A user or guest."""

    database: str
    model: str
    id: int

    @classmethod
    def of(cls, record):
        return cls(record.env.cr.dbname, record._name, record.id)


def persona_of(env, cookies):
    """Return the user or guest, with the rights to read and write their presence; or nothing."""
    if env.uid and not env.user._is_public():
        return env.user.sudo()
    token = cookies.get(env["mail.guest"]._cookie_name, "")
    return env["mail.guest"]._get_guest_from_token(token).sudo()


def is_known(persona, status, last_presence):
    """Tell whether the row says as much as a report would, or nearly."""
    active_since = last_presence - timedelta(seconds=ACTIVITY_STEP)
    condition = SQL("status = %s AND last_presence >= %s", status, active_since)
    return _has_fresh_row(persona, FRESH_TIME, condition)


def is_fresh(persona, longest_age):
    """Tell whether the row is no older than so many seconds."""
    return _has_fresh_row(persona, longest_age, ALWAYS)


def _has_fresh_row(persona, longest_age, condition):
    # With its fractions: the times of the row have lost theirs.
    now = datetime.now(timezone.utc).replace(tzinfo=None)
    cr = persona.env.cr
    cr.execute(
        SQL(
            "SELECT 1 FROM mail_presence WHERE %s = %s AND last_poll > %s AND %s",
            _column(persona._name),
            persona.id,
            now - timedelta(seconds=longest_age),
            condition,
        )
    )
    return bool(cr.rowcount)


def touch(persona, interval):
    """Note that the persona is here, unless that was done within so many seconds."""
    now = fields.Datetime.now()
    with _cursor(persona.database) as cr:
        _update(
            cr,
            persona,
            SQL("last_poll = %s", now),
            SQL("last_poll <= %s", now - timedelta(seconds=interval)),
        )


def report(persona, status, last_presence):
    """Write what a client reports, and tell those who follow the persona if that is news.

    :return: False if somebody else is just writing the row, or its owner: then nothing was done
    """
    now = fields.Datetime.now()
    with _cursor(persona.database) as cr:
        values = SQL("status = %s, last_poll = %s, last_presence = %s", status, now, last_presence)
        row = _update(cr, persona, values) or _insert(cr, persona, status, now, last_presence)
        if row and row[1] != status:
            _tell(cr, row[0])
        return bool(row)


def leave(persona, called_at):
    """Take the persona as gone, and tell those who follow it, unless it showed itself since.

    :return: False if somebody else is just writing the row: then nothing was done
    """
    with _cursor(persona.database) as cr:
        unless_here = SQL("last_poll < %s AND status <> 'offline'", called_at)
        row = _update(cr, persona, SQL("status = 'offline'"), unless_here)
        if row:
            _tell(cr, row[0])
            return True
        cr.execute(
            SQL(
                "SELECT 1 FROM mail_presence WHERE %s = %s AND %s",
                _column(persona.model),
                persona.id,
                unless_here,
            )
        )
        return not cr.rowcount


def present_in_rows(database, least_age):
    """Return the users and guests who are not offline, though they were last seen so long ago."""
    with acquire_cursor(database) as cr:
        env = api.Environment(cr, api.SUPERUSER_ID, {})
        seen_at = fields.Datetime.now() - timedelta(seconds=least_age)
        domain = [("status", "!=", "offline"), ("last_poll", "<=", seen_at)]
        presences = env["mail.presence"].search(domain)
        return [Persona.of(it.user_id or it.guest_id) for it in presences]


@contextmanager
def _cursor(database):
    with acquire_cursor(database) as cr:
        # What others have committed meanwhile is no conflict then (a test has one transaction).
        if not modules.module.current_test:
            cr.execute("SET TRANSACTION ISOLATION LEVEL READ COMMITTED")
        yield cr


def _update(cr, persona, values, condition=ALWAYS):
    """Return id and status of before; None if the row is locked, not there or left as it is."""
    cr.execute(
        SQL(
            """
            UPDATE mail_presence SET %s
              FROM (
                SELECT id, status FROM mail_presence
                 WHERE %s = %s AND %s FOR UPDATE SKIP LOCKED
              ) AS before
             WHERE mail_presence.id = before.id
            RETURNING before.id, before.status
            """,
            values,
            _column(persona.model),
            persona.id,
            condition,
        )
    )
    return cr.fetchone()


def _insert(cr, persona, status, last_poll, last_presence):
    # The foreign key would wait for who has locked the owner.
    cr.execute(
        SQL(
            """
            INSERT INTO mail_presence (%(column)s, status, last_poll, last_presence)
            SELECT owner.id, %(status)s, %(last_poll)s, %(last_presence)s
              FROM (SELECT id FROM %(table)s WHERE id = %(id)s FOR KEY SHARE SKIP LOCKED) AS owner
             WHERE NOT EXISTS (SELECT 1 FROM mail_presence WHERE %(column)s = %(id)s)
            ON CONFLICT DO NOTHING
            RETURNING id, NULL
            """,
            column=_column(persona.model),
            table=SQL.identifier(persona.model.replace(".", "_")),
            id=persona.id,
            status=status,
            last_poll=last_poll,
            last_presence=last_presence,
        )
    )
    return cr.fetchone()


def _tell(cr, presence_id):
    env = api.Environment(cr, api.SUPERUSER_ID, {})
    env["mail.presence"].browse(presence_id)._send_presence()


def _column(model):
    return SQL.identifier("guest_id" if model == "mail.guest" else "user_id")
