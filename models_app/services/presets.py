"""Presets: their text is the source, and every save is a revision."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count

from django.db import IntegrityError, transaction
from django.db.models import F

from dashboard.errors import (
    ModelfileUnsound,
    NotFound,
    PresetNameTaken,
    PresetWentOn,
    gettext_noop,
)
from dashboard.people.models import User
from models_app.modelfile.recipe import Recipe
from models_app.modelfile.understand import plain, understood
from models_app.models import Preset, PresetRevision, Revision
from models_app.models.preset import LONGEST_NAME
from models_app.rights import MAY_ADD_PRESETS, MAY_CHANGE_PRESETS, check_right
from models_app.services.backends import models_changed

SOMEBODY = gettext_noop("Somebody")


@dataclass(frozen=True, slots=True)
class Wanted:
    """A preset as somebody wants it; `note` says why, for those who read its history.

    `is_default` None leaves it as it is.
    """

    name: str
    text: str
    icon: str = ""
    description: str = ""
    groups: frozenset[int] = frozenset()
    enabled: bool = True
    is_default: bool | None = None
    note: str = ""


@transaction.atomic
def add_preset(wanted: Wanted, *, by: User | None) -> int:
    """A new preset with its first revision; its number.

    Raises `ModelfileUnsound` or `PresetNameTaken`. `by` is None for Paddock itself.
    """
    check_right(MAY_ADD_PRESETS, by)
    columns = _columns(wanted)
    with _own_name(wanted.name):
        preset = Preset.objects.create(**columns, revision=1)
    _keep(preset, wanted, by=by)
    return preset.pk


@transaction.atomic
def save_preset(
    preset_id: int, wanted: Wanted, *, based_on: int, by: User | None
) -> None:
    """Save it as the next revision after the one that the person began with.

    Raises `PresetWentOn` when that is not the newest any more, and then, as with
    `ModelfileUnsound` and `PresetNameTaken`, nothing has changed.
    """
    check_right(MAY_CHANGE_PRESETS, by)
    columns = _columns(wanted)
    same = Preset.objects.filter(pk=preset_id, revision=based_on)
    with _own_name(wanted.name):
        if not same.update(**columns, revision=F("revision") + 1):
            raise _went_on(preset_id)
    _keep(Preset.objects.get(pk=preset_id), wanted, by=by)


@transaction.atomic
def restore_revision(preset_id: int, *, number: int, by: User) -> None:
    """Make an older name and text the newest revision; none in between is lost."""
    check_right(MAY_CHANGE_PRESETS, by)
    preset = Preset.objects.select_for_update().filter(pk=preset_id).first()
    old = PresetRevision.objects.filter(preset=preset_id, number=number).first()
    if preset is None or old is None:
        raise NotFound
    now = Wanted(
        name=old.name,
        text=old.text,
        icon=preset.icon,
        description=preset.description,
        groups=_groups_of(preset),
        enabled=preset.enabled,
    )
    save_preset(preset_id, now, based_on=preset.revision, by=by)
    newest = PresetRevision.objects.filter(preset=preset_id, number=preset.revision + 1)
    newest.update(restored=number)


@transaction.atomic
def make_default(preset_id: int, *, by: User) -> None:
    """What a new chat proposes to whoever has chosen nothing yet; the one before is not."""
    check_right(MAY_CHANGE_PRESETS, by)
    _set_default(_preset(preset_id), is_default=True)
    models_changed()


@transaction.atomic
def end_default(preset_id: int, *, by: User) -> None:
    check_right(MAY_CHANGE_PRESETS, by)
    _set_default(_preset(preset_id), is_default=False)
    models_changed()


def free_name(name: str) -> str:
    """The name itself, or with the first number that makes it one of its own."""
    taken = set(Preset.objects.values_list("name", flat=True))
    names = (name if each == 1 else _numbered(name, each) for each in count(1))
    return next(each for each in names if each not in taken)


def derived(text: str) -> dict[str, object]:
    """The columns that say what a text says; `ModelfileUnsound` for one with errors."""
    known = understood(text)
    if known.errors:
        raise ModelfileUnsound
    recipe: Recipe = known.recipe
    return {
        "model": recipe.base,
        "system": recipe.system,
        "parameters": dict(recipe.parameters),
        "examples": [list(each) for each in recipe.messages],
        "places": {name: list(place) for name, place in recipe.places.items()},
    }


def _columns(wanted: Wanted) -> dict[str, object]:
    text = plain(wanted.text)
    return {
        "name": wanted.name,
        "icon": wanted.icon,
        "description": wanted.description,
        "text": text,
        "enabled": wanted.enabled,
        **derived(text),
    }


def _keep(preset: Preset, wanted: Wanted, *, by: User | None) -> None:
    """Write what stands beside the row, and have everybody look anew."""
    PresetRevision.objects.create(
        preset=preset,
        number=preset.revision,
        name=preset.name,
        text=preset.text,
        note=wanted.note,
        by=by,
    )
    preset.groups.set(wanted.groups)
    if wanted.is_default is not None:
        _set_default(preset, is_default=wanted.is_default)
    models_changed()


def _set_default(preset: Preset, *, is_default: bool) -> None:
    """One at a time: two who make another preset the default wait for each other."""
    list(Revision.objects.select_for_update().filter(pk=Revision.ONLY))
    if is_default:
        Preset.objects.filter(is_default=True).exclude(pk=preset.pk).update(
            is_default=False
        )
    Preset.objects.filter(pk=preset.pk).update(is_default=is_default)


def _preset(preset_id: int) -> Preset:
    preset = Preset.objects.filter(pk=preset_id).first()
    if preset is None:
        raise NotFound
    return preset


def _groups_of(preset: Preset) -> frozenset[int]:
    return frozenset(preset.groups.values_list("pk", flat=True))


def _went_on(preset_id: int) -> PresetWentOn | NotFound:
    newest = PresetRevision.objects.filter(preset=preset_id).select_related("by")
    last = newest.first()
    if last is None:
        return NotFound()
    return PresetWentOn(who=last.by.name if last.by else SOMEBODY)


@contextmanager
def _own_name(name: str) -> Iterator[None]:
    try:
        with transaction.atomic():
            yield
    except IntegrityError as taken:
        raise PresetNameTaken(name=name) from taken


def _numbered(name: str, number: int) -> str:
    tail = f" {number}"
    return name[: LONGEST_NAME - len(tail)] + tail
