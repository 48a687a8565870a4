"""The times over which use is added up, by the reader's clock."""

from datetime import datetime, timedelta
from enum import StrEnum

from django.utils import timezone
from django.utils.translation import gettext as _

from models_app.energy.keeping import midnight
from models_app.energy.queries import Span


class Period(StrEnum):
    TODAY = "today"
    WEEK = "week"
    MONTH = "month"
    LAST_MONTH = "last-month"


def period_in(word: str) -> Period:
    """The one that is asked for; seven days for anything else."""
    return Period(word) if word in list(Period) else Period.WEEK


def label_of(period: Period) -> str:
    return {
        Period.TODAY: _("Today"),
        Period.WEEK: _("7 days"),
        Period.MONTH: _("This month"),
        Period.LAST_MONTH: _("Last month"),
    }[period]


def span_of(period: Period, now: datetime) -> Span:
    """From when to before when, in the reader's time zone; seven days are whole ones, of
    which today is the last."""
    zone = timezone.get_current_timezone()
    local = now.astimezone(zone)
    first = local.date().replace(day=1)
    until = local
    if period == Period.TODAY:
        begin = local.date()
    elif period == Period.WEEK:
        begin = local.date() - timedelta(days=6)
    elif period == Period.MONTH:
        begin = first
    else:
        begin, until = (first - timedelta(days=1)).replace(day=1), midnight(first, zone)
    return Span(midnight(begin, zone), until, str(zone))
