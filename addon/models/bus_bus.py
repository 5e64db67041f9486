from odoo import api, models
from odoo.tools import SQL

# As long as the client holds ids back (HOLD_BACK in static/src/core/resume_window.ts).
HOLD_BACK_SECONDS = 12
# Enough for 80 notifications a second; with more, a page may get some again.
RECENT_IDS = 1000


class BusBus(models.Model):
    _inherit = "bus.bus"

    @api.model
    def _bus_quiet_snapshot(self):
        """What a page that is made now needs to know of the notifications so far.

        The last id alone would not do: transactions that hold lower ids may still commit,
        and these notifications the page has to receive.

        :return: a dict with ``settled_id``, the id up to which everything is older than the
            hold-back (0 if there is no notification), and ``recent_ids``, those after it
            that are committed: what they tell is in the page already
        """
        self.env.cr.execute(
            SQL(
                """
                WITH recent AS (
                    SELECT id, create_date FROM bus_bus ORDER BY id DESC LIMIT %(limit)s
                ), settled AS (
                    SELECT COALESCE(
                        (SELECT MIN(id) - 1 FROM recent
                          WHERE create_date > (now() AT TIME ZONE 'UTC') - %(hold_back)s),
                        MAX(id),
                        0
                    ) AS id
                    FROM recent
                )
                SELECT settled.id, ARRAY(
                    SELECT id FROM recent WHERE id > settled.id ORDER BY id
                )
                FROM settled
                """,
                limit=RECENT_IDS,
                hold_back=SQL("interval '%s seconds'", HOLD_BACK_SECONDS),
            )
        )
        settled_id, recent_ids = self.env.cr.fetchone()
        return {"settled_id": settled_id, "recent_ids": recent_ids}
