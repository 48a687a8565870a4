"""What one person is offered, and why not the rest, for a page of the admin."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest
from django.urls import reverse
from django.utils.http import urlencode

from models_app.queries import targets_for
from models_app.reasons import (
    Hidden,
    HiddenPreset,
    Reason,
    Why,
    hidden_from,
    hidden_presets_from,
)

GRID, PERSON = "models_app_restriction_changelist", "models_app_restriction_person"
ROWS = 100
OF_THE_SERVER = {
    Reason.SERVER_DISABLED,
    Reason.KIND_UNKNOWN,
    Reason.NOT_LISTED,
    Reason.SERVER_GROUPS,
}
OF_THE_MODEL = {Reason.ADMINISTRATORS, Reason.MODEL_GROUPS}
OF_THE_PRESET = {Reason.PRESET_DISABLED, Reason.PRESET_GROUPS, Reason.NO_SERVER}


@dataclass(frozen=True, slots=True)
class Told:
    """A reason in words, and where it is changed, if the reader may go there."""

    sentence: str
    url: str


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads the page: links lead only to where they may go."""

    servers: bool
    presets: bool
    groups: Mapping[int, str]
    person: int

    def of_place(self, hidden: Hidden) -> list[Told]:
        server = _change("backend", hidden.place.server) if self.servers else ""
        urls = dict.fromkeys(OF_THE_SERVER, server)
        model = _asking(GRID, q=hidden.place.model)
        return self._told(hidden.why, urls | dict.fromkeys(OF_THE_MODEL, model))

    def of_preset(self, hidden: HiddenPreset) -> list[Told]:
        preset = _change("preset", hidden.preset.pk) if self.presets else ""
        urls = dict.fromkeys(OF_THE_PRESET, preset)
        here = _asking(PERSON, person=str(self.person), q=hidden.preset.model)
        return self._told(hidden.why, urls | {Reason.MODEL_HIDDEN: here})

    def _told(self, why: Iterable[Why], urls: Mapping[Reason, str]) -> list[Told]:
        return [Told(each.told(self.groups), urls.get(each.reason, "")) for each in why]


def people() -> QuerySet[Any]:
    return get_user_model().objects.order_by("username")


def chosen_person(request: HttpRequest) -> Any:
    """Who was asked for; None where nobody was."""
    asked = request.GET.get("person", "")
    if not asked:
        return None
    known = {str(each.pk): each for each in people()}
    if asked not in known:
        raise Http404
    return known[asked]


def seen_as(request: HttpRequest, person: Any) -> dict[str, Any]:
    """What is offered and what is hidden, as far as the search of the page goes."""
    wanted = request.GET.get("q", "").strip().casefold()
    hidden = [each for each in hidden_from(person) if fits(wanted, each.place.model)]
    presets = [
        each
        for each in hidden_presets_from(person)
        if fits(wanted, each.preset.name, each.preset.model)
    ]
    targets = targets_for(person)
    pages = Paginator(hidden, ROWS)
    page = pages.get_page(request.GET.get("p"))
    reader = reader_of(request, person.pk)
    return {
        "person": person,
        "theirs": Group.objects.filter(user=person).order_by("name"),
        "targets": [each for each in targets if fits(wanted, each.label, each.model)],
        "presets": [(each.preset, reader.of_preset(each)) for each in presets],
        "hidden": [(each.place, reader.of_place(each)) for each in page],
        "page": page,
        "pages": pages.get_elided_page_range(page.number),
    }


def reader_of(request: HttpRequest, person: int) -> Reader:
    def may(model: str) -> bool:
        rights = (f"models_app.{verb}_{model}" for verb in ("view", "change"))
        return any(map(request.user.has_perm, rights))

    groups = dict(Group.objects.values_list("pk", "name"))
    return Reader(may("backend"), may("preset"), groups, person)


def fits(wanted: str, *names: str) -> bool:
    return any(wanted in each.casefold() for each in names)


def _change(model: str, pk: int) -> str:
    return reverse(f"admin:models_app_{model}_change", args=[pk])


def _asking(page: str, **asked: str) -> str:
    return f"{reverse(f'admin:{page}')}?{urlencode(asked)}"
