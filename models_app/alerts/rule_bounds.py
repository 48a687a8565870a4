"""Which numbers make sense for each kind of alert, and the sentence for those that do not."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from models_app.models import AlertKind


@dataclass(frozen=True, slots=True)
class Bounds:
    """From the least to the most; `optional`: the rule says something without it, too."""

    least: float
    most: float
    optional: bool = False


PERCENT = Bounds(0.1, 100)
BOUNDS: Mapping[AlertKind, Mapping[str, Bounds]] = {
    AlertKind.HOT: {
        "threshold": Bounds(0, 100),
        "second_threshold": Bounds(1, 200, optional=True),
    },
    AlertKind.MEMORY_FULL: {"threshold": PERCENT},
    AlertKind.ECC: {"threshold": Bounds(1, 1_000_000)},
    AlertKind.DISK_FULL: {
        "threshold": PERCENT,
        "second_threshold": Bounds(1, 1_000_000, optional=True),
    },
}


def wrong_with(kind: AlertKind, name: str, number: float | None) -> str:
    """What is wrong with a number of a rule, and what to write instead; "" for nothing."""
    bounds = BOUNDS.get(kind, {}).get(name)
    if bounds is None or (number is None and bounds.optional):
        return ""
    if number is not None and bounds.least <= number <= bounds.most:
        return ""
    limits = {"least": _told(bounds.least), "most": _told(bounds.most)}
    if number is None:
        empty = _(
            "Without a number this rule never says anything: write one from %(least)s to "
            "%(most)s, or switch the rule off."
        )
        return empty % limits
    return _("Write a number from %(least)s to %(most)s.") % limits


def _told(number: float) -> str:
    return number_format(number, force_grouping=True)
