"""What all processes know of who is here: the time of the last sign of life, in the database."""

from odoo import modules
from odoo.addons.bus.websocket import acquire_cursor
from odoo.tools import SQL

#: Of this moment, not of the begin of the transaction; as Odoo stores times.
NOW = SQL("(clock_timestamp() AT TIME ZONE 'UTC')")


def persona_of(env, cookies):
    """Return the user or guest, with the rights to read and write their presence; or nothing."""
    if env.uid and not env.user._is_public():
        return env.user.sudo()
    token = cookies.get(env["mail.guest"]._cookie_name, "")
    return env["mail.guest"]._get_guest_from_token(token).sudo()


def is_fresh(persona, longest_age):
    """Tell whether the persona has shown itself within so many seconds, to whichever process."""
    return bool(persona) and _has_presence(persona.env.cr, persona, SQL(">"), longest_age)


def touch(persona, interval):
    """Note that the persona is here, unless that was done within so many seconds.

    Nothing else changes, and nobody is told. Other transactions neither wait for this nor fail
    because of it, and it does not wait for them: who has the row notes as much.
    """
    if not persona or not _has_presence(persona.env.cr, persona, SQL("<="), interval):
        return
    with acquire_cursor(persona.env.cr.dbname) as cr:
        # What others have committed meanwhile is no conflict then (a test has one transaction).
        if not modules.module.current_test:
            cr.execute("SET TRANSACTION ISOLATION LEVEL READ COMMITTED")
        cr.execute(
            SQL(
                """
                UPDATE mail_presence SET last_poll = %s
                 WHERE id = (SELECT id FROM mail_presence WHERE %s = %s FOR UPDATE SKIP LOCKED)
                """,
                NOW,
                _column(persona),
                persona.id,
            )
        )


def _has_presence(cr, persona, comparison, seconds):
    cr.execute(
        SQL(
            """
            SELECT 1 FROM mail_presence
             WHERE %s = %s AND last_poll %s %s - %s * interval '1 second'
            """,
            _column(persona),
            persona.id,
            comparison,
            NOW,
            seconds,
        )
    )
    return bool(cr.rowcount)


def _column(persona):
    return SQL.identifier("guest_id" if persona._name == "mail.guest" else "user_id")
