from odoo import models, modules
from odoo.tools import SQL

from ..cursor import read_committed_cursor
from ..settings import is_switched_off


class DiscussChannel(models.Model):
    _inherit = "discuss.channel"

    def channel_fetched(self):
        """Override: what other tabs and devices tell of the same chat meanwhile is no conflict.

        Stock skips the row that another transaction has locked, but one that it has just changed
        makes PostgreSQL refuse the whole, which is then tried again.
        """
        if modules.module.current_test or is_switched_off(self.env):
            return super().channel_fetched()
        with read_committed_cursor(self.env.cr.dbname) as cr:
            own = self.with_env(self.env(cr=cr))
            own._bus_quiet_lock_own_members()
            return super(DiscussChannel, own).channel_fetched()

    def _bus_quiet_lock_own_members(self):
        """Lock before the latest message is read: a later one is not overwritten then."""
        partner = self.env.user.partner_id
        self.env.cr.execute(
            SQL(
                """
                SELECT id FROM discuss_channel_member
                 WHERE channel_id = ANY(%s) AND partner_id = %s
                   FOR NO KEY UPDATE SKIP LOCKED
                """,
                self.ids,
                partner.id,
            )
        )
