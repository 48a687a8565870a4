"""Conversations grouped as people look for them: by how long ago."""

from collections.abc import Iterable
from datetime import date, timedelta

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from chat.listing import Listed


def by_day(rows: Iterable[Listed], *, today: date) -> list[tuple[str, list[Listed]]]:
    """Groups in the order in which they first appear, each with its heading."""
    groups: dict[str, list[Listed]] = {}
    for row in rows:
        day = timezone.localdate(row.touched_at)
        groups.setdefault(_heading(day, today), []).append(row)
    return list(groups.items())


def _heading(day: date, today: date) -> str:
    if day >= today:
        return _("Today")
    if day == today - timedelta(days=1):
        return _("Yesterday")
    if day > today - timedelta(days=7):
        return _("Last 7 days")
    return date_format(day, "YEAR_MONTH_FORMAT")
