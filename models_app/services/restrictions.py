"""Changing who may use which model."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import chain

from django.contrib.auth.models import Group
from django.db import transaction

from models_app.models import LanguageModel, Restriction, Revision
from models_app.rights import Groups
from models_app.services.backends import models_changed
from models_app.snapshot import name_key

Access = Groups | None
"""The groups that may use a model: none is administrators alone, None is everybody."""
Change = Callable[[Access], Access]

ADMINISTRATORS: Access = frozenset()
Through = Restriction.groups.through


@dataclass(frozen=True, slots=True)
class Edit:
    """What somebody made of what they were shown."""

    model: str
    was: Access
    now: Access

    def apply(self, access: Access) -> Access:
        """Change only what they changed: what others did meanwhile stays."""
        if (self.was is None) != (self.now is None):
            access = None if self.now is None else access or ADMINISTRATORS
        if access is None:
            return None
        was, now = self.was or frozenset(), self.now or frozenset()
        return (access - (was - now)) | (now - was)


@dataclass(slots=True)
class Kept:
    """The rows of one model, however they spell it, and the groups of the last one."""

    model: str
    rows: list[int] = field(default_factory=list)
    groups: Groups = frozenset()


def for_everybody(_: Access) -> Access:
    return None


def for_administrators(_: Access) -> Access:
    return ADMINISTRATORS


def only_for(group: int) -> Change:
    return lambda _: frozenset({group})


def give_to(group: int) -> Change:
    """What is for everybody is for this group already."""
    return lambda access: None if access is None else access | {group}


def take_from(group: int) -> Change:
    """What is for everybody cannot be taken from one group."""
    return lambda access: None if access is None else access - {group}


def edit_access(edits: Iterable[Edit]) -> int:
    """Apply what the edits changed; for how many models that made a difference."""
    changed = {each.model: each.apply for each in edits if each.was != each.now}
    return change_access(changed)


@transaction.atomic
def change_access(changes: Mapping[str, Change]) -> int:
    """Change who may use each of these models; how many are for others than before."""
    _one_at_a_time()
    kept, groups = kept_restrictions(), set(Group.objects.values_list("pk", flat=True))
    known = kept.keys() | _listed_names()
    wanted: dict[str, Access] = {}
    for model, change in changes.items():
        before = access_of(model, kept)
        after = change(before)
        after = after if after is None else after & groups
        if after != before and name_key(model) in known:
            wanted[model] = after
    if wanted:
        _write(wanted, kept)
        models_changed()
    return len(wanted)


def kept_restrictions() -> dict[str, Kept]:
    """What is restricted, by its `name_key`."""
    groups: dict[int, set[int]] = {}
    for row, group in Through.objects.values_list("restriction", "group"):
        groups.setdefault(row, set()).add(group)
    found: dict[str, Kept] = {}
    for row, model in Restriction.objects.values_list("pk", "model"):
        kept = found.setdefault(name_key(model), Kept(model))
        kept.rows.append(row)
        kept.groups = frozenset(groups.get(row, ()))
    return found


def access_of(model: str, kept: Mapping[str, Kept]) -> Access:
    found = kept.get(name_key(model))
    return found.groups if found else None


def _one_at_a_time() -> None:
    """Wait for whoever else changes what may be used, so that nothing read is old."""
    list(Revision.objects.select_for_update().filter(pk=Revision.ONLY))


def _listed_names() -> set[str]:
    names = LanguageModel.objects.values_list("name", flat=True).distinct()
    return set(map(name_key, names.order_by()))


def _write(wanted: Mapping[str, Access], kept: Mapping[str, Kept]) -> None:
    """Make the rows of these models anew: one each, where there were more spellings."""
    known = (kept[key].rows for key in map(name_key, wanted) if key in kept)
    Restriction.objects.filter(pk__in=list(chain(*known))).delete()
    limits = {model: groups for model, groups in wanted.items() if groups is not None}
    rows = Restriction.objects.bulk_create(Restriction(model=model) for model in limits)
    Through.objects.bulk_create(
        Through(restriction_id=row.pk, group_id=group)
        for row in rows
        for group in limits[row.model]
    )


@transaction.atomic
def restrict_like(model: str, new_name: str) -> None:
    """Have a model be for the same people under a new name, on which nobody decided yet."""
    kept = kept_restrictions()
    before = kept.get(name_key(model))
    if before is None or name_key(new_name) in kept:
        return
    Restriction.objects.create(model=new_name).groups.set(before.groups)
    models_changed()
