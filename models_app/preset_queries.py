"""Presets as pages show them; nothing is changed here."""

from collections.abc import Callable
from dataclasses import dataclass

from django.db.models import QuerySet

from dashboard.errors import NotFound
from dashboard.people.models import User
from models_app.adapters import ADAPTERS
from models_app.adapters.base import Can
from models_app.inventory import closed_models, servers_for
from models_app.modelfile.recipe import Recipe
from models_app.models import Backend, Preset, PresetRevision, Pull
from models_app.pull_queries import pulls_for
from models_app.queries import PRESET
from models_app.resolve import Unheeded, resolve
from models_app.rights import (
    Groups,
    groups_of,
    is_open,
    sees_all,
    sees_all_presets,
)
from models_app.snapshot import Snapshot, name_key, snapshot

CREATIONS = 5


@dataclass(frozen=True, slots=True)
class PresetRow:
    """A preset, the servers that have its model for this person, and its groups.

    `chats` says that a chat offers it to them.
    """

    preset: Preset
    servers: tuple[str, ...]
    groups: tuple[str, ...]
    up: bool
    chats: bool

    @property
    def target(self) -> str:
        return f"{PRESET}{self.preset.pk}"


@dataclass(frozen=True, slots=True)
class OnServer:
    """A recipe on one of the person's servers: which of its lines are not heeded there."""

    pk: int
    name: str
    label: str
    up: bool
    has_model: bool
    creates: bool
    unheeded: tuple[Unheeded, ...]


def presets_for(person: User) -> list[PresetRow]:
    """Those that the person may use or began, by name; all, for who edits or views them."""
    seen, is_visible = snapshot(person), _visibility(person)
    rows = Preset.objects.with_groups().order_by("name")
    return [_row(each, seen) for each in rows if is_visible(each)]


def preset_for(person: User, pk: int) -> Preset:
    """One of the same; `NotFound` for any other."""
    preset = Preset.objects.with_groups().filter(pk=pk).first()
    if preset is None or not _visibility(person)(preset):
        raise NotFound
    return preset


def groups_without(person: User, preset: Preset) -> list[str]:
    """The groups that alone are offered a preset, where the person is in none of them."""
    names = {group.pk: group.name for group in preset.groups.order_by("name")}
    if sees_all(person) or is_open(frozenset(names), groups_of(person)):
        return []
    return [*names.values()]


def row_for(person: User, preset: Preset) -> PresetRow:
    return _row(preset, snapshot(person))


def on_servers(person: User, recipe: Recipe) -> list[OnServer]:
    """Every server that the person may use, those that have the model first."""
    listed = snapshot(person).models.get(name_key(recipe.base), ())
    having = {each.server.pk for each in listed}
    servers = [each for each in servers_for(person) if each.kind]
    found = [_on(each, recipe, has_model=each.pk in having) for each in servers]
    return sorted(found, key=lambda each: (not each.has_model, each.name))


def creations_of(preset: Preset, person: User) -> list[Pull]:
    """The models that are being made of it, or were last, where the person may look."""
    theirs = pulls_for(person).filter(preset=preset).select_related("backend")
    return list(theirs[:CREATIONS])


def makers_for(person: User) -> list[Backend]:
    """The servers that can show a model's Modelfile."""
    return [each for each in servers_for(person) if Can.MODELFILE in each.can]


def model_names(person: User) -> list[str]:
    """What their servers list, by name."""
    return sorted({each.model for each in snapshot(person).served})


def revisions_of(preset: Preset) -> QuerySet[PresetRevision]:
    """Who saved what and when, the newest first; without the texts, which may be long."""
    rows = PresetRevision.objects.filter(preset=preset).select_related("by")
    return rows.defer("text")


def revision_of(preset: Preset, number: int) -> PresetRevision:
    """That revision with its text, or the newest one where there is none."""
    rows = PresetRevision.objects.filter(preset=preset)
    chosen = rows.filter(number=number).first() or rows.first()
    if chosen is None:
        raise NotFound
    return chosen


def revision_before(revision: PresetRevision) -> PresetRevision | None:
    """The one that this one changed, with its text."""
    rows = PresetRevision.objects.filter(preset=revision.preset_id)
    return rows.filter(number__lt=revision.number).first()


def _visibility(person: User) -> Callable[[Preset], bool]:
    """Which presets somebody sees; whoever began one knows what it says."""
    if sees_all_presets(person):
        return lambda _: True
    begun = PresetRevision.objects.filter(number=1, by=person)
    own = frozenset(begun.values_list("preset", flat=True))
    theirs, closed = groups_of(person), closed_models(person)
    return lambda preset: preset.pk in own or _is_open_to(preset, theirs, closed)


def _is_open_to(preset: Preset, theirs: Groups, closed: frozenset[str]) -> bool:
    """Whether it is for those groups, and so is the model that it runs on."""
    groups = frozenset(group.pk for group in preset.groups.all())
    shown = name_key(preset.model) not in closed
    return preset.enabled and shown and is_open(groups, theirs)


def _row(preset: Preset, seen: Snapshot) -> PresetRow:
    served = seen.models.get(name_key(preset.model), ())
    return PresetRow(
        preset,
        servers=tuple(each.server.name for each in served),
        groups=tuple(group.name for group in preset.groups.all()),
        up=any(each.server.up for each in served),
        chats=bool(served) and any(each.pk == preset.pk for each in seen.presets),
    )


def _on(server: Backend, recipe: Recipe, *, has_model: bool) -> OnServer:
    adapter = ADAPTERS[server.kind]
    return OnServer(
        pk=server.pk,
        name=server.name,
        label=adapter.label,
        up=server.up,
        has_model=has_model,
        creates=Can.CREATE in server.can,
        unheeded=resolve(recipe, server.kind).unheeded,
    )
