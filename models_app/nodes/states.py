"""How a host is, by the age of what was last heard of it."""

from enum import StrEnum

from django.utils.translation import gettext_lazy as _

IDLE_INTERVAL = 10.0
"""Seconds between two samples while nobody watches."""
LATE, SILENT, LOST = 5.0, 30.0, 3600.0
"""Seconds after which a host that samples each second is late, silent and lost."""


class NodeState(StrEnum):
    LIVE = "live"
    LATE = "late"
    SILENT = "silent"
    LOST = "lost"
    UNHEARD = "unheard"


WORDS = {
    NodeState.LIVE: _("live"),
    NodeState.LATE: _("late"),
    NodeState.SILENT: _("silent"),
    NodeState.LOST: _("lost"),
    NodeState.UNHEARD: _("never heard"),
}


def late_after(interval: float) -> float:
    """Seconds after which a host that promised such an interval is late."""
    return max(LATE, 3 * interval)


def state_of(age: float | None, *, interval: float = IDLE_INTERVAL) -> NodeState:
    """Its state when its last sample is `age` seconds old; `None`: there never was one.

    A host is measured against the interval that it promised itself.
    """
    if age is None:
        return NodeState.UNHEARD
    if age >= LOST:
        return NodeState.LOST
    if age >= max(SILENT, 10 * interval):
        return NodeState.SILENT
    return NodeState.LATE if age >= late_after(interval) else NodeState.LIVE
