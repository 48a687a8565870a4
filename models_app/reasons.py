"""Why somebody is not offered a model or a preset; nothing is changed here."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from django.contrib.auth.models import AbstractBaseUser
from django.db import models
from django.utils.translation import gettext_lazy as _

from models_app.models import Backend, LanguageModel, Preset
from models_app.rights import EVERYBODY, Groups, groups_of, is_open, sees_all
from models_app.snapshot import Snapshot, everything, name_key


class Reason(models.TextChoices):
    """Each with its sentence."""

    SERVER_DISABLED = "server_disabled", _("The server is disabled.")
    KIND_UNKNOWN = "kind_unknown", _("What kind of server it is, is not known yet.")
    NOT_LISTED = "not_listed", _("The server no longer lists it.")
    EMBEDDING = "embedding", _("It makes embeddings and writes no replies.")
    ADMINISTRATORS = "administrators", _("The model is for administrators only.")
    MODEL_GROUPS = "model_groups", _("The model is only for %(groups)s.")
    SERVER_GROUPS = "server_groups", _("The server is only for %(groups)s.")
    PRESET_DISABLED = "preset_disabled", _("The preset is disabled.")
    PRESET_GROUPS = "preset_groups", _("The preset is only for %(groups)s.")
    NO_SERVER = "no_server", _("No server offers its model, %(model)s.")
    MODEL_HIDDEN = "model_hidden", _("They may not use its model, %(model)s.")
    CHANGING = "changing", _("This has just changed: reload the page.")


@dataclass(frozen=True, slots=True)
class Why:
    """A reason, with the groups and the model that it names."""

    reason: Reason
    groups: Groups = EVERYBODY
    model: str = ""

    def told(self, names: Mapping[int, str]) -> str:
        """The sentence, with the names of groups."""
        named = sorted(names.get(each, "–") for each in self.groups)
        return str(self.reason.label) % {
            "groups": ", ".join(named),
            "model": self.model,
        }


@dataclass(frozen=True, slots=True)
class Place:
    """A model on a server as the database has it, offered or not."""

    model: str
    server: int
    server_name: str
    server_groups: Groups
    enabled: bool
    kind_known: bool
    listed: bool
    chats: bool


@dataclass(frozen=True, slots=True)
class Hidden:
    """A model on a server that somebody is not offered, and all the reasons."""

    place: Place
    why: tuple[Why, ...]


@dataclass(frozen=True, slots=True)
class HiddenPreset:
    """A preset that somebody is not offered, and all the reasons."""

    preset: Preset
    why: tuple[Why, ...]


def hidden_from(person: AbstractBaseUser) -> list[Hidden]:
    """Every model on every server that the person is not offered, by name."""
    whole, theirs = everything(), rights_of(person)
    served = whole.seen_by(person).served
    offered = {(each.model, each.server.pk) for each in served}
    return [
        Hidden(place, why_hidden(place, whole, theirs))
        for place in places()
        if (place.model, place.server) not in offered
    ]


def hidden_presets_from(person: AbstractBaseUser) -> list[HiddenPreset]:
    """Every preset that the person is not offered, by name."""
    whole, theirs = everything(), rights_of(person)
    seen = whole.seen_by(person)
    offered = {each.pk for each in seen.presets if each.key in seen.models}
    presets = Preset.objects.exclude(pk__in=offered).prefetch_related("groups")
    return [
        HiddenPreset(each, why_preset_hidden(each, whole, seen, theirs))
        for each in presets.order_by("name")
    ]


def rights_of(person: AbstractBaseUser) -> Groups | None:
    """The groups of the person; None where nothing is limited by groups."""
    return None if sees_all(person) else groups_of(person)


def why_hidden(place: Place, whole: Snapshot, theirs: Groups | None) -> tuple[Why, ...]:
    """All that keeps a model on a server from those who have these groups.

    The rule is the snapshot's own: here it is only asked part by part.
    """
    facts = {
        Reason.SERVER_DISABLED: not place.enabled,
        Reason.KIND_UNKNOWN: not place.kind_known,
        Reason.NOT_LISTED: not place.listed,
        Reason.EMBEDDING: not place.chats,
    }
    found = [Why(reason) for reason, holds in facts.items() if holds]
    if theirs is not None:
        found += _limits(place, whole, theirs)
    return tuple(found) or (Why(Reason.CHANGING),)


def _limits(place: Place, whole: Snapshot, theirs: Groups) -> Iterator[Why]:
    key = name_key(place.model)
    if not whole.is_model_open(key, theirs):
        groups = whole.restrictions[key]
        yield Why(Reason.MODEL_GROUPS if groups else Reason.ADMINISTRATORS, groups)
    if not is_open(place.server_groups, theirs):
        yield Why(Reason.SERVER_GROUPS, place.server_groups)


def why_preset_hidden(
    preset: Preset, whole: Snapshot, seen: Snapshot, theirs: Groups | None
) -> tuple[Why, ...]:
    """All that keeps a preset from those who have these groups and see so much."""
    groups = frozenset(each.pk for each in preset.groups.all())
    key, found = name_key(preset.model), []
    if not preset.enabled:
        found.append(Why(Reason.PRESET_DISABLED))
    if theirs is not None and not is_open(groups, theirs):
        found.append(Why(Reason.PRESET_GROUPS, groups))
    if key not in whole.models:
        found.append(Why(Reason.NO_SERVER, model=preset.model))
    elif key not in seen.models:
        found.append(Why(Reason.MODEL_HIDDEN, model=preset.model))
    return tuple(found) or (Why(Reason.CHANGING),)


def places() -> Iterator[Place]:
    """Every model on every server, by name."""
    servers = {each.pk: each for each in Backend.objects.prefetch_related("groups")}
    groups = {
        pk: frozenset(group.pk for group in each.groups.all())
        for pk, each in servers.items()
    }
    rows = LanguageModel.objects.filter(backend__in=servers).order_by(
        "name", "backend__name"
    )
    for model, pk, listed, chats in rows.values_list(
        "name", "backend", "listed", "chats"
    ):
        yield Place(
            model=model,
            server=pk,
            server_name=servers[pk].name,
            server_groups=groups[pk],
            enabled=servers[pk].enabled,
            kind_known=bool(servers[pk].kind),
            listed=listed,
            chats=chats,
        )
