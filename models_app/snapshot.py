"""What may be talked to, as this process read it from the database a moment ago.

Asking for a reply must not wait for the object-relational mapper: each query costs about
a millisecond, and who may use what changes far more seldom than people write.
"""

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from django.contrib.auth.models import AbstractBaseUser, Group, PermissionsMixin

from models_app.adapters.base import ParameterValue
from models_app.models import Backend, LanguageModel, Preset

SECONDS = 1.0
"""How old a snapshot may be: a right that is taken away ends this much later."""

Groups = frozenset[int]


@dataclass(frozen=True, slots=True)
class Served:
    """A model as one enabled server lists it, with all that is needed to ask for it."""

    model: str
    context: int | None
    backend: int
    server: str
    kind: str
    base_url: str
    sealed_key: str
    up: bool
    groups: Groups


@dataclass(frozen=True, slots=True)
class Recipe:
    """An enabled preset."""

    pk: int
    name: str
    model: str
    system: str
    parameters: Mapping[str, ParameterValue]
    groups: Groups


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All of it, for everybody; `seen_by` leaves what one person may use."""

    served: tuple[Served, ...] = ()
    recipes: tuple[Recipe, ...] = ()

    def seen_by(self, person: AbstractBaseUser) -> "Snapshot":
        """An administrator sees all; others what is for everybody or for their groups."""
        if isinstance(person, PermissionsMixin) and person.is_superuser:
            return self
        theirs = self._groups_of(person)
        return Snapshot(
            tuple(each for each in self.served if _open(each.groups, theirs)),
            tuple(each for each in self.recipes if _open(each.groups, theirs)),
        )

    def _groups_of(self, person: AbstractBaseUser) -> Groups:
        if not any(each.groups for each in self.served) and not any(
            each.groups for each in self.recipes
        ):
            return frozenset()
        return frozenset(
            Group.objects.filter(user=person.pk).values_list("pk", flat=True)
        )

    def models(self) -> dict[str, list[Served]]:
        """Which servers list each model, by its name."""
        found: dict[str, list[Served]] = {}
        for each in self.served:
            found.setdefault(each.model, []).append(each)
        return found


@dataclass(slots=True)
class _Kept:
    snapshot: Snapshot = field(default_factory=Snapshot)
    until: float = 0.0


_kept = _Kept()


def snapshot(person: AbstractBaseUser) -> Snapshot:
    """What the person may use, at most `SECONDS` old."""
    now = time.monotonic()
    if now >= _kept.until:
        _kept.snapshot = _read()
        _kept.until = now + SECONDS
    return _kept.snapshot.seen_by(person)


def forget() -> None:
    """Read the database at the next question."""
    _kept.until = 0.0


def _read() -> Snapshot:
    return Snapshot(tuple(_served()), tuple(_recipes()))


def _served() -> Iterable[Served]:
    groups = _groups(Backend.groups.through.objects.values_list("backend", "group"))
    rows = LanguageModel.objects.filter(listed=True, backend__enabled=True)
    rows = rows.select_related("backend").order_by("backend__name", "name")
    for row in rows:
        backend = row.backend
        yield Served(
            model=row.name,
            context=row.context,
            backend=backend.pk,
            server=backend.name,
            kind=backend.kind,
            base_url=backend.base_url,
            sealed_key=backend.sealed_key,
            up=backend.up,
            groups=groups.get(backend.pk, frozenset()),
        )


def _recipes() -> Iterable[Recipe]:
    groups = _groups(Preset.groups.through.objects.values_list("preset", "group"))
    for row in Preset.objects.filter(enabled=True).order_by("name"):
        yield Recipe(
            pk=row.pk,
            name=row.name,
            model=row.model,
            system=row.system,
            parameters=row.parameters,
            groups=groups.get(row.pk, frozenset()),
        )


def _groups(pairs: Iterable[tuple[int, int]]) -> dict[int, Groups]:
    found: dict[int, Groups] = {}
    for row, group in pairs:
        found[row] = found.get(row, frozenset()) | {group}
    return found


def _open(groups: Groups, theirs: Groups) -> bool:
    return not groups or bool(groups & theirs)
