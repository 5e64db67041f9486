"""Transactions that what others commit meanwhile can't make fail."""

from contextlib import contextmanager

from odoo import modules
from odoo.addons.bus.websocket import acquire_cursor


@contextmanager
def read_committed_cursor(database):
    """A cursor of its own that sees what others commit.

    With Odoo's isolation, PostgreSQL refuses to write what others have changed meanwhile.
    """
    with acquire_cursor(database) as cr:
        # All of a test is one transaction.
        if not modules.module.current_test:
            cr.execute("SET TRANSACTION ISOLATION LEVEL READ COMMITTED")
        yield cr
