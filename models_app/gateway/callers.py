"""Who calls: the person behind a key, and what this key may."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from django.utils import timezone

from dashboard.errors import (
    KeyMissing,
    KeyRequestsSpent,
    KeyUnknown,
    ModelUnknown,
    NotAllowed,
    OriginRefused,
)
from dashboard.people.models import User
from models_app.gateway.fields import granted_to
from models_app.ledger.minutes import seconds_to_wait
from models_app.models import ApiKey, Batch
from models_app.rights import sees_all
from models_app.services.api_keys import digest_of, key_of, may_be_key, note_use
from models_app.snapshot import name_key

SECONDS: Final = 0.8
"""How long a key is taken for what it was: one that is revoked ends within a second."""
MOST: Final = 10_000
"""Keys that are remembered; with more, all are read again."""
NOTED: Final = 60.0
"""Seconds between two notes that a key was used."""


@dataclass(frozen=True, slots=True)
class Caller:
    """A person, by one of their keys; `models` are `name_key`s, none of them means all.
    Without a `key` they ask on a page.

    `fields` are those that they may send besides the usual, None for any.
    """

    person: User
    key: int | None
    models: frozenset[str]
    origins: frozenset[str]
    fields: frozenset[str] | None
    requests_a_minute: int | None
    may_manage: bool

    @property
    def may_all(self) -> bool:
        """Whether they may send anything: an administrator."""
        return self.fields is None

    def may_use(self, name: str) -> bool:
        """Whether the key is for the model, or preset, of this name."""
        return not self.models or name_key(name) in self.models

    def check_model(self, name: str) -> None:
        if not self.may_use(name):
            raise ModelUnknown(model=name, param="model")

    def check_origin(self, origin: str) -> None:
        """Whether scripts of a page that is none of ours may use the key."""
        if origin not in self.origins:
            raise OriginRefused(origin=origin)


@dataclass(slots=True)
class _Kept:
    callers: dict[str, tuple[float, Caller]] = field(default_factory=dict)
    noted: dict[int, float] = field(default_factory=dict)


_kept = _Kept()


def caller_of(secret: str, *, clock: Callable[[], float] = time.monotonic) -> Caller:
    """The caller with this secret, at most `SECONDS` old; `KeyMissing` or `KeyUnknown`.

    What is no key is not remembered, so that nobody fills the memory with guesses.
    """
    check_secret(secret)
    if known := remembered(secret, clock=clock):
        return known
    now, name = clock(), digest_of(secret)
    _kept.callers.pop(name, None)
    caller = _read(secret)
    if len(_kept.callers) >= MOST:
        _kept.callers.clear()
    _kept.callers[name] = (now + SECONDS, caller)
    if caller.key is not None:
        _note(caller.key, now)
    return caller


def check_secret(secret: str) -> None:
    """`KeyMissing` or `KeyUnknown` for what can be no key, without the database."""
    if not secret:
        raise KeyMissing
    if not may_be_key(secret):
        raise KeyUnknown


def remembered(
    secret: str, *, clock: Callable[[], float] = time.monotonic
) -> Caller | None:
    """The same without the database, where it was read a moment ago."""
    until, caller = _kept.callers.get(digest_of(secret), (0.0, None))
    return caller if clock() < until else None


def caller_behind(batch: Batch) -> Caller:
    """Whoever asks a batch, as they and their key are now; `KeyUnknown` once it lets nobody
    in, or `NotAllowed` for somebody who may not come in and had made it on a page."""
    active = User.objects.filter(pk=batch.asked_by_id, is_active=True)
    if batch.key_id is not None:
        live = ApiKey.objects.live(timezone.now()).select_related("person")
        row = live.filter(pk=batch.key_id, person__in=active).first()
        if row is None:
            raise KeyUnknown
        return _caller(row)
    person = active.first()
    if person is None:
        raise NotAllowed
    return Caller(
        person=person,
        key=None,
        models=frozenset(),
        origins=frozenset(),
        fields=_fields_of(person),
        requests_a_minute=None,
        may_manage=False,
    )


def count_request(caller: Caller, *, now: datetime | None = None) -> None:
    """Count one more ask with this key; `KeyRequestsSpent` where it has no more for now."""
    limit = caller.requests_a_minute
    if limit is None:
        return
    if wait := seconds_to_wait(f"key:{caller.key}", limit, now or timezone.now()):
        raise KeyRequestsSpent(limit=limit, seconds=wait, retry_after=wait)


def forget_callers() -> None:
    """Read every key anew."""
    _kept.callers.clear()
    _kept.noted.clear()


def _read(secret: str) -> Caller:
    row = key_of(secret)
    if row is None:
        raise KeyUnknown
    return _caller(row)


def _caller(row: ApiKey) -> Caller:
    person = row.person
    return Caller(
        person=person,
        key=row.pk,
        models=frozenset(map(name_key, row.allowed_models)),
        origins=frozenset(row.origins),
        fields=_fields_of(person),
        requests_a_minute=row.requests_a_minute,
        may_manage=row.may_manage,
    )


def _fields_of(person: User) -> frozenset[str] | None:
    return None if sees_all(person) else granted_to(person)


def _note(key: int, now: float) -> None:
    if now - _kept.noted.get(key, -NOTED) >= NOTED:
        _kept.noted[key] = now
        note_use(key)
