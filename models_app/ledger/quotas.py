"""How much of the house each person may take, and saying no when that is spent."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.auth.models import AbstractBaseUser
from django.utils import timezone

from dashboard.errors import GpuTimeSpent, PlacesSpent, RequestsSpent, TokensSpent
from models_app.energy.keeping import midnight
from models_app.ledger.minutes import give_back, seconds_to_wait
from models_app.ledger.spent import spent_today
from models_app.models import Quota
from models_app.models.quota import LIMITS
from models_app.rights import groups_of, sees_all
from models_app.snapshot import everything

MINUTE = 60.0
SOON = 5
"""Seconds after which it is worth asking whether one of the own replies has ended."""


@dataclass(frozen=True, slots=True)
class Allowance:
    """What one person may take; None does not limit."""

    requests_a_minute: int | None = None
    tokens_a_day: int | None = None
    gpu_minutes_a_day: int | None = None
    at_once: int | None = None


UNLIMITED = Allowance()


@dataclass(frozen=True, slots=True)
class _Quotas:
    people: dict[int, Allowance]
    groups: dict[int, Allowance]
    everybody: Allowance


def quota_of(person: AbstractBaseUser) -> Allowance:
    """What the person may take, as it stood in the database a moment ago.

    Their own row counts alone; without one, the widest limit of each kind that their
    groups have; without these, everybody's. An administrator is limited by their own row
    only. Quotas are kept with the snapshot: without any, this costs no query.
    """
    quotas = everything().made("quotas", _read)
    if own := quotas.people.get(person.pk):
        return own
    if sees_all(person):
        return UNLIMITED
    theirs = groups_of(person) if quotas.groups else ()
    found = [quotas.groups[each] for each in theirs if each in quotas.groups]
    return _widest(found) if found else quotas.everybody


def check_quota(person: AbstractBaseUser, *, now: datetime | None = None) -> None:
    """Let an ask of the person pass, and count it; or a `QuotaSpent` that says why not.

    An ask that is refused does not count. How many of their replies may run or wait at
    once is counted by the door, which alone knows it: see `refuse_place`.
    """
    limits = quota_of(person)
    if limits == UNLIMITED:
        return
    moment = now or timezone.now()
    _check_day(person.pk, limits, moment)
    if limits.requests_a_minute is not None:
        _count_request(person.pk, limits.requests_a_minute, moment)


def refuse_place(person: AbstractBaseUser) -> PlacesSpent:
    """What whoever has as many replies under way as they may is told by the door; the ask
    does not count."""
    limits = quota_of(person)
    if limits.requests_a_minute is not None:
        give_back(_requests(person.pk))
    return PlacesSpent(limit=limits.at_once or 0, retry_after=SOON)


def _requests(person: int) -> str:
    return f"requests:{person}"


def _check_day(person: int, limits: Allowance, now: datetime) -> None:
    """Days are those of the house's time zone, whatever the person's is."""
    tokens, minutes = limits.tokens_a_day, limits.gpu_minutes_a_day
    if tokens is None and minutes is None:
        return
    zone = timezone.get_default_timezone()
    spent = spent_today(person, now)
    reset = midnight(now.astimezone(zone).date() + timedelta(days=1), zone)
    facts: dict[str, str | int] = {
        "zone": str(zone),
        "retry_after": max(1, round((reset - now).total_seconds())),
    }
    if tokens is not None and spent.tokens >= tokens:
        raise TokensSpent(limit=tokens, used=spent.tokens, **facts)
    if minutes is not None and spent.gpu_seconds >= minutes * MINUTE:
        used = int(spent.gpu_seconds // MINUTE)
        raise GpuTimeSpent(limit=minutes, used=used, **facts)


def _count_request(person: int, limit: int, now: datetime) -> None:
    if wait := seconds_to_wait(_requests(person), limit, now):
        raise RequestsSpent(limit=limit, seconds=wait, retry_after=wait)


def _read() -> _Quotas:
    rows = list(Quota.objects.all())
    for_all = (_allowance(row) for row in rows if not (row.person_id or row.group_id))
    return _Quotas(
        {row.person_id: _allowance(row) for row in rows if row.person_id},
        {row.group_id: _allowance(row) for row in rows if row.group_id},
        next(for_all, UNLIMITED),
    )


def _allowance(row: Quota) -> Allowance:
    return Allowance(**{name: getattr(row, name) for name in LIMITS})


def _widest(found: Iterable[Allowance]) -> Allowance:
    """Of each kind the largest; one that does not limit is the widest."""
    theirs = list(found)
    widest = {}
    for name in LIMITS:
        each = [getattr(limits, name) for limits in theirs]
        widest[name] = None if None in each else max(each)
    return Allowance(**widest)
