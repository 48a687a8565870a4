import random
from collections.abc import Sequence

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse

from dashboard.people.models import User
from models_app.models import Backend, LanguageModel, Preset, Restriction
from models_app.queries import targets_for
from models_app.reasons import (
    Reason,
    hidden_from,
    hidden_presets_from,
    places,
)
from models_app.snapshot import forget, name_key
from tests.make import make_admin, make_backend, make_model, make_person, make_preset

pytestmark = pytest.mark.django_db

GRID = "/admin/models_app/restriction/"
PERSON = f"{GRID}person/"


def make_group(name: str) -> Group:
    return Group.objects.create(name=name)


def restrict(model: str, *groups: Group) -> None:
    Restriction.objects.create(model=model).groups.set(groups)


@pytest.fixture
def office(admin: User) -> Client:
    client = Client()
    client.force_login(admin, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def research() -> Group:
    return make_group("research")


def reasons(person: User, model: str = "tiny") -> set[Reason]:
    forget()
    hidden = [each for each in hidden_from(person) if each.place.model == model]
    return {why.reason for each in hidden for why in each.why}


def test_what_is_offered_is_not_explained(person: User) -> None:
    make_model("tiny")

    assert reasons(person) == set()


@pytest.mark.parametrize(
    ("server", "model", "reason"),
    [
        ({"enabled": False}, {}, Reason.SERVER_DISABLED),
        ({"kind": ""}, {}, Reason.KIND_UNKNOWN),
        ({}, {"listed": False}, Reason.NOT_LISTED),
        ({}, {"chats": False}, Reason.EMBEDDING),
    ],
)
def test_what_nobody_is_offered_is_explained_to_administrators_too(
    server: dict[str, object],
    model: dict[str, object],
    reason: Reason,
    person: User,
    admin: User,
) -> None:
    make_model("tiny", backend=make_backend(**server), **model)

    assert reasons(person) == reasons(admin) == {reason}


def test_all_that_keeps_a_model_away_is_told(person: User, research: Group) -> None:
    backend = make_backend(enabled=False)
    backend.groups.add(research)
    make_model("tiny", backend=backend)
    restrict("tiny")

    assert reasons(person) == {
        Reason.SERVER_DISABLED,
        Reason.SERVER_GROUPS,
        Reason.ADMINISTRATORS,
    }


def test_the_page_tells_each_reason_with_a_way_to_change_it(
    office: Client, person: User, research: Group
) -> None:
    backend = make_backend()
    backend.groups.add(research, make_group("art"))
    make_model("tiny", backend=backend)
    make_model("big")
    restrict("big", research)

    page = office.get(PERSON, {"person": person.pk}).content.decode()

    assert "The server is only for art, research." in page
    assert reverse("admin:models_app_backend_change", args=[backend.pk]) in page
    assert "The model is only for research." in page
    assert f"{GRID}?q=big" in page


def test_presets_are_explained(person: User, research: Group) -> None:
    make_model("tiny")
    make_model("shut")
    restrict("shut")
    make_preset(name="good")
    make_preset(name="off", enabled=False)
    make_preset(name="ours").groups.add(research)
    make_preset(name="none", model="nowhere")
    make_preset(name="kept", model="shut")

    hidden = {
        each.preset.name: [why.reason for why in each.why]
        for each in hidden_presets_from(person)
    }

    assert hidden == {
        "off": [Reason.PRESET_DISABLED],
        "ours": [Reason.PRESET_GROUPS],
        "none": [Reason.NO_SERVER],
        "kept": [Reason.MODEL_HIDDEN],
    }


@pytest.mark.parametrize("asked", ["0", "x", "1.5", "-1"])
def test_a_person_that_is_not_there_is_not_found(asked: str, office: Client) -> None:
    assert office.get(PERSON, {"person": asked}).status_code == 404


def test_the_search_narrows_what_is_shown_of_a_person(
    office: Client, person: User
) -> None:
    for name in ("qwen", "llama", "qwen-off"):
        make_model(name, listed=not name.endswith("off"))

    context = office.get(PERSON, {"person": f"{person.pk}", "q": "Qwen"}).context

    assert [each.label for each in context["targets"]] == ["qwen"]
    assert [place.model for place, _ in context["hidden"]] == ["qwen-off"]


def anything(chance: random.Random, groups: list[Group]) -> None:
    """Servers, models, restrictions and presets, some of each kind."""

    def some() -> Sequence[Group]:
        return chance.choice([[], [], chance.sample(groups, chance.randint(1, 2))])

    for _ in range(3):
        server = make_backend(enabled=chance.random() < 0.8, kind=chance.choice("ov "))
        Backend.objects.filter(pk=server.pk, kind=" ").update(kind="")
        server.groups.set(some())
        for name in chance.sample(["a", "A:latest", "b", "c", "d"], 3):
            listed, chats = chance.random() < 0.8, chance.random() < 0.8
            make_model(name, backend=server, listed=listed, chats=chats)
    for name in chance.sample(["A", "b:latest", "c", "d", "e"], 3):
        restrict(name, *some())
    for name in "abcde":
        preset = make_preset(model=name, enabled=chance.random() < 0.8)
        preset.groups.set(some())


@pytest.mark.parametrize("seed", range(40))
def test_the_explanation_never_disagrees_with_what_is_offered(seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 # no secret
    groups = [make_group(name) for name in ("x", "y", "z")]
    anything(chance, groups)
    people = [make_person() for _ in groups]
    for person in people:
        person.groups.set(chance.sample(groups, chance.randint(0, 3)))

    for person in (*people, make_admin()):
        agrees(person)


def agrees(person: User) -> None:
    """Each model on each server, and each preset, is either offered or explained."""
    forget()
    hidden, presets = hidden_from(person), hidden_presets_from(person)
    targets = targets_for(person)
    models = [each for each in targets if not each.is_preset]

    offered = {(name_key(each.model), on) for each in models for on in each.servers}
    kept = {(name_key(each.place.model), each.place.server_name) for each in hidden}
    assert offered | kept == {(name_key(p.model), p.server_name) for p in places()}
    served = sum(len(each.servers) for each in models)
    assert served + len(hidden) == LanguageModel.objects.count()

    shown = {each.label for each in targets if each.is_preset}
    names = {each.preset.name for each in presets}
    assert (shown | names, shown & names) == (set(all_presets()), set())
    told = [each.why for each in hidden] + [each.why for each in presets]
    assert all(why and why[0].reason != Reason.CHANGING for why in told)


def all_presets() -> list[str]:
    return list(Preset.objects.values_list("name", flat=True))
