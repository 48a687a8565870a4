"""Conversations grouped as people look for them: by how long ago."""

from collections.abc import Iterable
from datetime import date, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from chat.models import Conversation


def by_day(
    conversations: Iterable[Conversation], *, today: date
) -> list[tuple[str, list[Conversation]]]:
    """Groups in the order in which they first appear, each with its heading."""
    groups: dict[str, list[Conversation]] = {}
    for conversation in conversations:
        day = timezone.localdate(conversation.touched_at)
        groups.setdefault(_heading(day, today), []).append(conversation)
    return list(groups.items())


def _heading(day: date, today: date) -> str:
    if day >= today:
        return _("Today")
    if day == today - timedelta(days=1):
        return _("Yesterday")
    if day > today - timedelta(days=7):
        return _("Last 7 days")
    return _("Earlier")
