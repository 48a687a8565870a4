"""What may be talked to, as this process read it from the database a moment ago.

Asking for a reply must not wait for the object-relational mapper: each query costs about
a millisecond, and who may use what changes far more seldom than people write.
"""

import time
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any, TypeVar

from django.contrib.auth.models import AbstractBaseUser

from models_app.adapters.base import sees_pictures
from models_app.modelfile.recipe import Recipe
from models_app.models import Backend, LanguageModel, Preset, Restriction, Revision
from models_app.rights import EVERYBODY, Groups, groups_of, is_open, sees_all

T = TypeVar("T")

SECONDS = 1.0
"""How old a snapshot may be: a right that is taken away ends this much later."""
LONGEST = 60.0
"""Seconds after which all is read again, though nothing is known to have changed."""


@dataclass(frozen=True, slots=True)
class Server:
    """An enabled server, with all that is needed to ask it."""

    pk: int
    name: str
    kind: str
    base_url: str
    sealed_key: str
    up: bool
    tripped: bool
    draining: bool
    room: int
    weight: int
    seen_at: datetime | None
    running: int | None
    waiting: int | None
    first_token_seconds: int
    silence_seconds: int
    groups: Groups


@dataclass(frozen=True)
class Served:
    """A model as one server lists it; `context` is what it can read now,
    `trained` the most that it could be loaded with. `loaded` and `sees`, whether it is in
    memory and takes pictures, are None where the server does not tell."""

    model: str
    context: int | None
    server: Server
    trained: int | None = None
    loaded: bool | None = None
    sees: bool | None = None

    @cached_property
    def key(self) -> str:
        return name_key(self.model)


@dataclass(frozen=True)
class OfferedPreset:
    """An enabled preset; no Modelfile is read for it."""

    pk: int
    name: str
    icon: str
    is_default: bool
    recipe: Recipe
    groups: Groups

    @cached_property
    def key(self) -> str:
        """The `name_key` of its model."""
        return name_key(self.recipe.base)


class Snapshot:
    """All of it, for everybody; `seen_by` leaves what one person may use.

    `served` are the models that chat, `silent` those that only make vectors.
    `restrictions` has the models, by `name_key`, that are for some groups only: for
    nobody but administrators where there is no group. It never changes, so that what is
    made of it is made once.
    """

    def __init__(
        self,
        served: Iterable[Served] = (),
        presets: Iterable[OfferedPreset] = (),
        restrictions: Mapping[str, Groups] | None = None,
        silent: Iterable[Served] = (),
    ) -> None:
        self.served = tuple(served)
        self.silent = tuple(silent)
        self.presets = tuple(presets)
        self.restrictions = restrictions or {}
        self._made: dict[Hashable, Any] = {}

    def made(self, name: Hashable, make: Callable[[], T]) -> T:
        """What `make` makes of this snapshot, from the second time on as kept by name."""
        if name not in self._made:
            self._made[name] = make()
        kept: T = self._made[name]
        return kept

    def seen_by(self, person: AbstractBaseUser) -> "Snapshot":
        """An administrator sees all; others what is for everybody or for their groups."""
        if sees_all(person):
            return self
        theirs = groups_of(person) & self._named if self._named else EVERYBODY
        return self.made(theirs, lambda: self._open_to(theirs))

    def _open_to(self, theirs: Groups) -> "Snapshot":
        return Snapshot(
            (each for each in self.served if self.allows(each, theirs)),
            (each for each in self.presets if is_open(each.groups, theirs)),
            silent=(each for each in self.silent if self.allows(each, theirs)),
        )

    def allows(self, served: Served, theirs: Groups) -> bool:
        """Whether the groups of a person let them use a model on a server."""
        allowed = self.is_model_open(served.key, theirs)
        return allowed and is_open(served.server.groups, theirs)

    def is_model_open(self, key: str, theirs: Groups) -> bool:
        """Whether a model is for them, on those servers that are."""
        limits = self.restrictions.get(key)
        return limits is None or bool(limits & theirs)

    @cached_property
    def _named(self) -> Groups:
        """The groups that make a difference here."""
        return EVERYBODY.union(
            *self.restrictions.values(),
            *(each.groups for each in self.presets),
            *(each.server.groups for each in (*self.served, *self.silent)),
        )

    @cached_property
    def models(self) -> dict[str, list[Served]]:
        """Which servers list each model that chats, by its `name_key`."""
        return _by_key(self.served)

    @cached_property
    def embedders(self) -> dict[str, list[Served]]:
        """The same of all that may make vectors: of most servers nobody knows which do."""
        return _by_key((*self.silent, *self.served))


@dataclass(slots=True)
class _Kept:
    snapshot: Snapshot = field(default_factory=Snapshot)
    revision: int | None = None
    until: float = 0.0
    stale: float = 0.0


_kept = _Kept()


def snapshot(person: AbstractBaseUser) -> Snapshot:
    """What the person may use, at most `SECONDS` old."""
    return everything().seen_by(person)


def everything() -> Snapshot:
    """What there is, whoever may use it, at most `SECONDS` old.

    Thousands of models are read again only when something has changed.
    """
    now = time.monotonic()
    if now >= _kept.until:
        revision = Revision.objects.values_list("number", flat=True).first()
        if revision != _kept.revision or now >= _kept.stale:
            _kept.snapshot = _read()
            _kept.revision, _kept.stale = revision, now + LONGEST
        _kept.until = now + SECONDS
    return _kept.snapshot


def look_anew() -> None:
    """At the next question, see whether something has changed: a page that was just told
    so must not be shown what was known a second ago."""
    _kept.until = 0.0


def forget() -> None:
    """Read the database at the next question."""
    _kept.until = _kept.stale = 0.0


def name_key(model: str) -> str:
    """A model's name as servers compare it: Ollama lists `llama3.2` as `llama3.2:latest`."""
    return model.casefold().removesuffix(":latest")


def _by_key(served: Iterable[Served]) -> dict[str, list[Served]]:
    found: dict[str, list[Served]] = {}
    for each in served:
        found.setdefault(each.key, []).append(each)
    return found


def _read() -> Snapshot:
    servers = {each.pk: each for each in _servers()}
    return Snapshot(
        _served(servers, chats=True),
        _presets(),
        _restrictions(),
        silent=_served(servers, chats=False),
    )


def _served(servers: Mapping[int, Server], *, chats: bool) -> Iterable[Served]:
    """Thousands of models come as bare values: rows of their own would take ten times as
    long."""
    rows = LanguageModel.objects.filter(listed=True, chats=chats, backend__in=servers)
    values = rows.order_by("name").values_list(
        "backend", "name", "context", "window", "loaded", "capabilities"
    )
    found = [
        Served(
            name,
            window or context,
            servers[backend],
            context,
            loaded,
            sees_pictures(told),
        )
        for backend, name, context, window, loaded, told in values
    ]
    return sorted(found, key=lambda each: each.server.name)


def _servers() -> Iterable[Server]:
    groups = _groups(Backend.groups.through.objects.values_list("backend", "group"))
    for row in Backend.objects.filter(enabled=True).exclude(kind=""):
        yield Server(
            pk=row.pk,
            name=row.name,
            kind=row.kind,
            base_url=row.base_url,
            sealed_key=row.sealed_key,
            up=row.up,
            tripped=row.is_tripped,
            draining=row.draining,
            room=row.max_parallel,
            weight=row.weight,
            seen_at=row.seen_at,
            running=row.running,
            waiting=row.waiting,
            first_token_seconds=row.first_token_seconds,
            silence_seconds=row.silence_seconds,
            groups=groups.get(row.pk, EVERYBODY),
        )


def _presets() -> Iterable[OfferedPreset]:
    groups = _groups(Preset.groups.through.objects.values_list("preset", "group"))
    rows = Preset.objects.filter(enabled=True).defer("text").order_by("name")
    for row in rows:
        yield OfferedPreset(
            pk=row.pk,
            name=row.name,
            icon=row.icon,
            is_default=row.is_default,
            recipe=row.recipe,
            groups=groups.get(row.pk, EVERYBODY),
        )


def _restrictions() -> dict[str, Groups]:
    pairs = Restriction.groups.through.objects.values_list("restriction", "group")
    groups = _groups(pairs)
    rows = Restriction.objects.values_list("pk", "model")
    return {name_key(model): groups.get(pk, EVERYBODY) for pk, model in rows}


def _groups(pairs: Iterable[tuple[int, int]]) -> dict[int, Groups]:
    found: dict[int, Groups] = {}
    for row, group in pairs:
        found[row] = found.get(row, EVERYBODY) | {group}
    return found
