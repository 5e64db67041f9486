"""The settings, with their limits and defaults."""

import logging
from dataclasses import dataclass

from odoo.tools import str2bool

_logger = logging.getLogger(__name__)

PREFIX = "bus_quiet."


@dataclass(frozen=True)
class Setting:
    name: str
    default: int
    least: int
    most: int
    unit: str = "seconds"

    @property
    def parameter(self):
        return PREFIX + self.name

    def accepts(self, value):
        return self.least <= value <= self.most

    def read(self, env):
        """Return the value; the default, with a warning, where somebody wrote nonsense."""
        text = env["ir.config_parameter"].sudo().get_param(self.parameter)
        if not text:
            return self.default
        try:
            value = int(text)
        except ValueError:
            value = None
        if value is None or not self.accepts(value):
            _logger.warning(
                "The parameter %s is %r, and must be %s to %s %s; %s is used",
                self.parameter, text, self.least, self.most, self.unit, self.default,
            )  # fmt: skip
            return self.default
        return value


#: Where requests can't be held: how often a browser asks, by its attention.
POLL_INTERVALS = {
    "focused": Setting("poll_focused", 2, 1, 60),
    "visible": Setting("poll_visible", 5, 1, 300),
    "hidden": Setting("poll_hidden", 30, 1, 3_600),
    "dormant": Setting("poll_dormant", 60, 1, 3_600),
}
#: How long what is not urgent may be held back.
HOLD_BACKS = {
    "hidden": Setting("hold_back_hidden", 15, 1, 300),
    "dormant": Setting("hold_back_dormant", 60, 1, 600),
}
#: How long a browser is hidden before it is dormant.
DORMANT_AFTER = Setting("dormant_after", 30, 1, 1_440, "minutes")

#: How long a user or guest without a connection still counts as here.
OFFLINE_AFTER = Setting("offline_after", 15, 1, 600)

#: How long one beep makes others superfluous; with 1, each message beeps.
BEEP_INTERVAL = Setting("beep_interval", 1_000, 1, 60_000, "milliseconds")

#: Whether only the browser beeps that its user used last.
BEEP_LAST_USED = PREFIX + "beep_last_used"

SETTINGS = {
    setting.name: setting
    for setting in (
        *POLL_INTERVALS.values(),
        *HOLD_BACKS.values(),
        DORMANT_AFTER,
        OFFLINE_AFTER,
        BEEP_INTERVAL,
    )
}


def is_switched_off(env):
    """Tell whether the administrator has given the bus back to stock.

    Read from the database: Odoo's cache of parameters keeps the old value, until something else
    changes, where a transaction reads it that began before the switch was thrown.
    """
    domain = [("key", "=", PREFIX + "disabled")]
    parameter = env["ir.config_parameter"].sudo().search_fetch(domain, ["value"])
    return str2bool(parameter.value or "", False)


def is_last_used_only(env):
    """Tell whether of a user's browsers only the one beeps that was used last."""
    value = env["ir.config_parameter"].sudo().get_param(BEEP_LAST_USED)
    return str2bool(value or "", False)


def poll_interval(env, attention):
    """How long, in seconds, a browser is to wait between two polls."""
    return POLL_INTERVALS[attention].read(env)


def hold_back(env, attention):
    """How long, in seconds, what is not urgent may wait; 0 where somebody looks."""
    return HOLD_BACKS[attention].read(env) if attention in HOLD_BACKS else 0
