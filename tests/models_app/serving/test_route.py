"""Which servers may answer, and in which order."""

from dataclasses import replace
from typing import Any

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as some

from dashboard.errors import PicturesUnseen, ServersDraining
from models_app.adapters.base import ChatMessage
from models_app.models import Backend, LanguageModel
from models_app.serving.ask import Ask
from models_app.serving.route import Route, Tier, askable, candidates, routes
from models_app.serving.slots.wishes import Candidate
from tests.make import make_backend, make_model, make_person


def asking() -> Ask:
    return Ask(make_person(), "tiny", (ChatMessage("user", "hello"),))


def two_servers(**first: Any) -> None:
    """Both have `tiny`; what is given is so of the first one."""
    loaded = first.pop("loaded", None)
    for name in ("gpu-0", "gpu-1"):
        make_model("tiny", backend=make_backend(name=name))
    Backend.objects.filter(name="gpu-0").update(**first) if first else None
    LanguageModel.objects.filter(backend__name="gpu-0").update(loaded=loaded)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("first", "order"),
    [
        ({}, ["gpu-0", "gpu-1"]),
        ({"failure_code": "backend_unreachable"}, ["gpu-1", "gpu-0"]),
        ({"tripped_at": timezone.now()}, ["gpu-1", "gpu-0"]),
        ({"loaded": False}, ["gpu-1", "gpu-0"]),
        ({"loaded": True}, ["gpu-0", "gpu-1"]),
        ({"draining": True}, ["gpu-1"]),
    ],
)
def test_the_best_server_comes_first(first: dict[str, Any], order: list[str]) -> None:
    two_servers(**first)

    assert [each.server for each in routes(asking())] == order


@pytest.mark.django_db
def test_of_two_that_are_as_good_the_one_of_more_weight_comes_first() -> None:
    two_servers()
    Backend.objects.filter(name="gpu-1").update(weight=2)

    assert [each.server for each in routes(asking())] == ["gpu-1", "gpu-0"]


@pytest.mark.django_db
def test_servers_that_are_drained_take_nothing_new() -> None:
    two_servers()
    Backend.objects.update(draining=True)

    with pytest.raises(ServersDraining, match="is draining gpu-0, gpu-1"):
        routes(asking())


TOLD: dict[str, Any] = {"gpu-0": ["completion"], "gpu-1": ["completion", "vision"]}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("told", "order"),
    [
        (TOLD, ["gpu-1"]),
        ({**TOLD, "gpu-1": []}, ["gpu-1"]),
        ({**TOLD, "gpu-0": ["tools"]}, ["gpu-0", "gpu-1"]),
    ],
)
def test_pictures_go_to_no_server_that_tells_to_take_none(
    told: dict[str, Any], order: list[str]
) -> None:
    two_servers()
    tell(told)

    found = routes(replace(asking(), pictures="messages"))

    assert [each.server for each in found] == order


@pytest.mark.django_db
def test_where_all_tell_to_take_no_pictures_none_is_asked() -> None:
    two_servers()
    tell({server: ["completion"] for server in TOLD})

    assert len(routes(asking())) == len(TOLD)
    with pytest.raises(PicturesUnseen, match="“tiny” takes no pictures"):
        routes(replace(asking(), pictures="messages"))


@pytest.mark.django_db
def test_a_drained_server_that_takes_pictures_is_waited_for() -> None:
    two_servers()
    tell(TOLD)
    Backend.objects.filter(name="gpu-1").update(draining=True)

    with pytest.raises(ServersDraining, match="gpu-1"):
        routes(replace(asking(), pictures="messages"))


def tell(told: dict[str, Any]) -> None:
    """What the model can on these servers."""
    for server, capabilities in told.items():
        models = LanguageModel.objects.filter(backend__name=server)
        models.update(capabilities=capabilities)


def route(backend: int, tier: Tier = Tier.LOADED) -> Route:
    return Route(
        backend=backend,
        server=f"gpu-{backend}",
        kind="vllm",
        base_url="http://gpu",
        sealed_key="",
        model="tiny",
        first_token_seconds=1,
        silence_seconds=1,
        tier=tier,
        room=4,
        weight=3,
        loaded=None,
    )


found = some.lists(some.sampled_from(Tier), max_size=6).map(
    lambda tiers: [route(number, tier) for number, tier in enumerate(tiers)]
)


@given(found, some.sets(some.integers(0, 6)))
def test_a_server_is_asked_whenever_one_is_left(
    servers: list[Route], failed: set[int]
) -> None:
    left = [each for each in servers if each.backend not in failed]

    assert bool(askable(servers, besides=failed)) == bool(left)


@given(found, some.sets(some.integers(0, 6)))
def test_none_that_failed_is_asked_again(
    servers: list[Route], failed: set[int]
) -> None:
    assert not {e.backend for e in askable(servers, besides=failed)} & failed


@given(found)
def test_nobody_is_asked_whose_circuit_is_open_while_another_is_well(
    servers: list[Route],
) -> None:
    asked = askable(servers)

    if any(each.tier <= Tier.WELL for each in servers):
        assert all(each.tier <= Tier.WELL for each in asked)
    elif any(each.tier == Tier.TRIPPED for each in servers):
        assert all(each.tier == Tier.TRIPPED for each in asked)


def test_places_are_given_out_by_room_tier_and_weight() -> None:
    assert candidates([route(7, Tier.WELL)]) == (Candidate(7, 4, 1, 3),)
