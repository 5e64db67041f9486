"""The row of a user or guest in ``mail_presence``: read and written without waiting for anybody."""

from datetime import datetime, timedelta, timezone
from typing import NamedTuple

from odoo import api, fields
from odoo.addons.bus.websocket import acquire_cursor
from odoo.tools import SQL

from .cursor import read_committed_cursor

#: Age, in seconds, from which the times in the row are renewed though nothing else has changed.
#: Stock deletes rows of 12 hours, and counts guests of 12 hours as gone.
RENEWAL_TIME = 4 * 3_600
#: The same where the one who reports has no connection that a process knows: then the row alone
#: shows that they are here.
UNSEEN_RENEWAL_TIME = 10
#: By how much, in seconds, the time when they were active last may lag behind for a while.
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


def is_known(record, status, longest_age):
    """Tell whether the row of a user or guest says what is reported, and is not older than this.

    :param longest_age: in seconds
    """
    return _has_row(record.env.cr, Persona.of(record), _says(status, longest_age))


def is_fresh(record, longest_age):
    """Tell whether the row of a user or guest is no older than so many seconds."""
    return _has_row(record.env.cr, Persona.of(record), _was_seen_within(longest_age))


def renew(persona, longest_age, active_at=None):
    """Note that the persona is here, unless that was done within so many seconds.

    :param active_at: when they were active last; the row does not have to know it
    """
    now = fields.Datetime.now()
    with read_committed_cursor(persona.database) as cr:
        _update(
            cr,
            persona,
            SQL("last_poll = %s, %s", now, _active(active_at)),
            SQL(
                "(last_poll <= %s OR last_presence < %s)",
                now - timedelta(seconds=longest_age),
                active_at and active_at - timedelta(seconds=ACTIVITY_STEP),
            ),
        )


def report(persona, status, last_presence, longest_age, reported_at):
    """Write what a client reports, unless that is known, and tell those who follow the persona.

    :param last_presence: when they were active last
    :param longest_age: see :func:`is_known`
    :param reported_at: when; they may have left since
    :return: False if somebody else is just writing the row, or its owner: then nothing was done
    """
    with read_committed_cursor(persona.database) as cr:
        values = SQL(
            "status = %s, last_poll = GREATEST(last_poll, %s), %s",
            status,
            reported_at,
            _active(last_presence),
        )
        # Another device may have reported the same since the caller's transaction began.
        known = _says(status, longest_age)
        row = _update(cr, persona, values, SQL("(%s) IS NOT TRUE", known))
        row = row or _insert(cr, persona, status, reported_at, last_presence)
        if row and row[1] != status:
            _tell(cr, row[0])
        return bool(row) or _has_row(cr, persona, known)


def leave(persona, unseen_since, left_at=None, active_at=None):
    """Take the persona as gone, and tell those who follow it, unless it showed itself since.

    :param unseen_since: since when
    :param left_at: when they were here last; the row does not have to know it
    :param active_at: likewise, when they were active last
    :return: False if somebody else is just writing the row: then nothing was done
    """
    with read_committed_cursor(persona.database) as cr:
        unless_here = SQL("last_poll <= %s AND status <> 'offline'", unseen_since)
        values = SQL(
            "status = 'offline', last_poll = GREATEST(last_poll, %s), %s",
            left_at,
            _active(active_at),
        )
        row = _update(cr, persona, values, unless_here)
        if row:
            _tell(cr, row[0])
            return True
        return not _has_row(cr, persona, unless_here)


def present_in_rows(database, least_age):
    """Return the users and guests who are not offline, though they were last seen so long ago.

    :return: pairs: who, and how many seconds ago
    """
    now = fields.Datetime.now()
    with acquire_cursor(database) as cr:
        cr.execute(
            SQL(
                """
                SELECT user_id, guest_id, last_poll FROM mail_presence
                 WHERE status <> 'offline' AND last_poll <= %s
                """,
                now - timedelta(seconds=least_age),
            )
        )
        return [
            (
                Persona(database, *(("res.users", user) if user else ("mail.guest", guest))),
                (now - last_poll).total_seconds(),
            )
            for user, guest, last_poll in cr.fetchall()
        ]


def _active(active_at):
    # Another device may have said something later. NULL is never the greatest.
    return SQL("last_presence = GREATEST(last_presence, %s)", active_at)


def _says(status, longest_age):
    return SQL("status = %s AND %s", status, _was_seen_within(longest_age))


def _was_seen_within(seconds):
    # With its fractions: the times of the row have lost theirs.
    now = datetime.now(timezone.utc).replace(tzinfo=None)
    return SQL("last_poll > %s", now - timedelta(seconds=seconds))


def _has_row(cr, persona, condition):
    cr.execute(
        SQL(
            "SELECT 1 FROM mail_presence WHERE %s = %s AND %s",
            _column(persona.model),
            persona.id,
            condition,
        )
    )
    return bool(cr.rowcount)


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
