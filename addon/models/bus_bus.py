from odoo import api, models
from odoo.tools import SQL

# As long as the client holds ids back (HOLD_BACK in static/src/core/resume_window.ts).
HOLD_BACK_SECONDS = 12
# Enough for 80 notifications a second; more than that, and a page asks for some again.
RECENT_IDS = 1000


class BusBus(models.Model):
    _inherit = "bus.bus"

    @api.model
    def _bus_quiet_settled_id(self):
        """The id from which a page made now has to ask for notifications.

        Not simply the last one: transactions that hold lower ids may still commit.

        :return: the highest id below which all recent ones are older than the hold-back;
            0 if there is no notification
        """
        self.env.cr.execute(
            SQL(
                """
                WITH recent AS (
                    SELECT id, create_date FROM bus_bus ORDER BY id DESC LIMIT %(limit)s
                )
                SELECT COALESCE(
                    (SELECT MIN(id) - 1 FROM recent
                      WHERE create_date > (now() AT TIME ZONE 'UTC') - %(hold_back)s),
                    MAX(id),
                    0
                )
                FROM recent
                """,
                limit=RECENT_IDS,
                hold_back=SQL("interval '%s seconds'", HOLD_BACK_SECONDS),
            )
        )
        return self.env.cr.fetchone()[0]
