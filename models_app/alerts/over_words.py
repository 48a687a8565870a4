"""How an alert ended, in words: it is well again, or nothing is known any more."""

from datetime import datetime

from django.utils import timezone
from django.utils.text import capfirst
from django.utils.timesince import timesince
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext

from models_app.alerts.endings import Ending
from models_app.alerts.words import heading
from models_app.models import Alert

MINUTE = 60
WELL = gettext_noop("%(what)s. This is over; it lasted %(time)s.")
ENDINGS = {
    Ending.RULE_OFF: gettext_noop(
        "%(what)s. This is not watched any more after %(time)s: its rule was turned off."
    ),
    Ending.SERVER_GONE: gettext_noop(
        "%(what)s. This is not watched any more after %(time)s: the model server was "
        "turned off or removed in Paddock."
    ),
    Ending.HOST_REMOVED: gettext_noop(
        "%(what)s. This is not watched any more after %(time)s: the host was removed from "
        "Paddock."
    ),
    Ending.HOST_SILENT: gettext_noop(
        "%(what)s. Whether it is still so is not known after %(time)s: the host has been "
        "silent for long."
    ),
    Ending.CARD_LOST: gettext_noop(
        "%(what)s. Whether it is still so is not known after %(time)s: the card does not "
        "answer any more."
    ),
    Ending.CARD_GONE: gettext_noop(
        "%(what)s. This ended after %(time)s, because the card is gone from its host."
    ),
}


def over_sentence(alert: Alert) -> str:
    """What was wrong, for how long, and why that is over."""
    words = ENDINGS.get(alert.facts.get("ended", ""), WELL)
    end = alert.cleared_at or timezone.now()
    gaps = {"what": capfirst(heading(alert)), "time": lasted(alert.began, end)}
    return _(words) % gaps


def lasted(began: datetime, end: datetime) -> str:
    """A while in its two largest units, with plain spaces."""
    seconds = max(0, round((end - began).total_seconds()))
    if seconds < MINUTE:
        words = ngettext("%(count)s second", "%(count)s seconds", seconds)
        return words % {"count": seconds}
    return timesince(began, end).replace("\xa0", " ")
