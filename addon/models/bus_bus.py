from odoo import api, models
from odoo.tools import SQL

# As long as the client holds ids back (HOLD_BACK in static/src/core/resume_window.ts).
HOLD_BACK_SECONDS = 12
# Enough for 80 notifications a second; with more, a page may get some again.
RECENT_IDS = 1000


class BusBus(models.Model):
    _inherit = "bus.bus"

    @api.model
    def _poll(self, channels, last=0, ignore_ids=None):
        """Override: a connection gets all its notifications, whichever of its channels woke it."""
        return super()._poll(getattr(channels, "all", channels), last, ignore_ids)

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

    @api.model
    def _bus_quiet_latest_id(self):
        """Return the latest id given to a notification, kept or not, committed or not."""
        self.env.cr.execute(
            "SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM bus_bus_id_seq"
        )
        return self.env.cr.fetchone()[0]

    @api.model
    def _bus_quiet_has_missed(self, last_id):
        """Tell whether notifications after an id may be gone, for good.

        The oldest are deleted after a day (``bus.gc_retention_seconds``).

        :param int last_id: everything up to it is known to the page that asks
        :return: False only if everything after it is still here
        """
        latest_id = self._bus_quiet_latest_id()
        self.env.cr.execute("SELECT MIN(id) FROM bus_bus")
        oldest_id = self.env.cr.fetchone()[0] or latest_id + 1
        return not oldest_id - 1 <= last_id <= latest_id
