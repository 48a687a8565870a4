"""What a person may take, and how much of it is used, as their page says it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.models import AbstractBaseUser
from django.utils import timezone
from django.utils.translation import gettext as _

from dashboard.sentences import grouped
from models_app.ledger.quotas import MINUTE, quota_of
from models_app.ledger.spent import spent_today


@dataclass(frozen=True, slots=True)
class Limit:
    """One of them, in words; `used` of `most` where it is counted by the day."""

    words: str
    used: int = 0
    most: int = 0


def limits_of(person: AbstractBaseUser, *, now: datetime | None = None) -> list[Limit]:
    """Those that hold for the person; none for whom nothing is limited."""
    return list(_limits(person, now or timezone.now()))


def _limits(person: AbstractBaseUser, now: datetime) -> Iterator[Limit]:
    quota = quota_of(person)
    spent = spent_today(person.pk, now)
    if (tokens := quota.tokens_a_day) is not None:
        words = _("%(used)s of %(most)s tokens used today")
        yield _of_day(words, spent.tokens, tokens)
    if (minutes := quota.gpu_minutes_a_day) is not None:
        words = _("%(used)s of %(most)s GPU-minutes used today")
        yield _of_day(words, int(spent.gpu_seconds // MINUTE), minutes)
    if (asks := quota.requests_a_minute) is not None:
        yield Limit(_("%(count)s requests a minute") % {"count": grouped(asks)})
    if (at_once := quota.at_once) is not None:
        yield Limit(_("%(count)s replies at once") % {"count": grouped(at_once)})


def _of_day(words: str, used: int, most: int) -> Limit:
    return Limit(words % {"used": grouped(used), "most": grouped(most)}, used, most)
