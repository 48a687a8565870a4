"""Looking at llama.cpp: one model, or a router of several."""

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from dashboard.errors import BackendBusy, BackendLocked
from models_app.adapters.base import Meters, ModelFacts, Workload
from models_app.adapters.client import open_client
from models_app.adapters.llamacpp import (
    LlamaCppAdapter,
    capabilities_in,
    read_build,
    total,
)
from tests.fakes.replay import Answer, Replay, replaying, told
from tests.models_app.adapters.servers import NO_FILE, case, filed
from tests.recordings import recorded

PROPS = json.loads(recorded("llamacpp-props.json"))
ROUTER = {"/props": filed("llamacpp-router-props.json")}
NO_METRICS = case("llamacpp-errors.json", "metrics not enabled")
BUSY_SLOTS = filed("llamacpp-slots-busy.json")
STARTING = Answer(
    b"proxy error: Could not establish connection", 500, "application/json"
)
NOT_LOADED = case("llamacpp-errors.json", "router, autoload off, model not loaded")
GAUGES = "llamacpp:requests_processing {}\nllamacpp:requests_deferred {}\n"


@asynccontextmanager
async def running(
    answers: Mapping[str, Answer],
) -> AsyncIterator[tuple[Replay, LlamaCppAdapter]]:
    async with (
        replaying(answers, otherwise=NO_FILE) as server,
        open_client(server.url) as client,
    ):
        yield server, LlamaCppAdapter(client, server="gpu-01")


def entries(**statuses: str) -> Answer:
    return told(
        {
            "data": [
                {"id": name, "owned_by": "llamacpp", "status": {"value": status}}
                for name, status in statuses.items()
            ]
        }
    )


def about(path: str, model: str) -> str:
    return f"{path}?model={model}&autoload=false"


def gauges(running: int, waiting: int) -> Answer:
    return Answer(GAUGES.format(running, waiting).encode(), kind="text/plain")


def paths(server: Replay) -> list[str]:
    return [each.path for each in server.asked]


@pytest.mark.parametrize(
    ("status", "listed", "loaded"),
    [
        ("unloaded", True, False),
        ("loading", True, False),
        ("loaded", True, True),
        ("sleeping", True, False),
        ("downloading", False, False),
        ("of a later version", True, False),
    ],
)
async def test_a_status_says_whether_a_model_is_there_and_in_memory(
    status: str, listed: bool, loaded: bool
) -> None:
    async with running({"/v1/models": entries(tiny=status)}) as (_, adapter):
        assert bool(await adapter.list_models()) == listed
        assert bool(await adapter.list_loaded()) == loaded


@pytest.mark.parametrize(
    ("entry", "loaded"),
    [
        ({"id": "a", "meta": {"n_ctx": 1}}, True),
        ({"id": "a"}, True),
        ({"id": "a", "meta": None}, False),
    ],
)
async def test_a_server_of_one_model_tells_by_its_facts_that_it_is_loaded(
    entry: object, loaded: bool
) -> None:
    async with running({"/v1/models": told({"data": [entry]})}) as (_, adapter):
        assert bool(await adapter.list_loaded()) == loaded


async def test_a_server_that_sleeps_is_not_woken() -> None:
    asleep = {"/props": told({**PROPS, "is_sleeping": True})}
    async with running(asleep) as (server, adapter):
        assert await adapter.workload() == Workload(running=0)

    assert paths(server) == ["/props"]


async def test_a_server_that_sleeps_shows_its_meters_without_being_asked_for_them() -> (
    None
):
    asleep = {"/props": told({**PROPS, "is_sleeping": True})}
    async with running(asleep) as (server, adapter):
        assert await adapter.meters() == Meters(running=0, waiting=0)

    assert paths(server) == ["/props"]


async def test_its_meters_count_the_tokens_that_it_has_written() -> None:
    metrics = Answer(recorded("llamacpp-metrics.txt"), kind="text/plain")
    async with running({"/props": told(PROPS), "/metrics": metrics}) as (_, adapter):
        shown = await adapter.meters()

    assert shown == Meters(running=0, waiting=0, generated={"": 460})


async def test_without_metrics_its_meters_are_off_and_no_slot_is_looked_at() -> None:
    answers = {"/props": told(PROPS), "/metrics": NO_METRICS, "/slots": BUSY_SLOTS}
    async with running(answers) as (server, adapter):
        assert await adapter.meters() == Meters(off=True)

    assert paths(server) == ["/props", "/metrics"]


async def test_a_router_shows_the_meters_of_the_models_in_its_memory() -> None:
    written = Answer(
        b"llamacpp:requests_processing 2\nllamacpp:tokens_predicted_total 70\n",
        kind="text/plain",
    )
    answers = {
        **ROUTER,
        "/v1/models": entries(a="loaded", b="sleeping", c="loaded", d="loaded"),
        about("/metrics", "a"): written,
        about("/metrics", "c"): gauges(1, 4),
        about("/metrics", "d"): NOT_LOADED,
    }
    async with running(answers) as (server, adapter):
        assert await adapter.meters() == Meters(3, 4, generated={"a": 70})

    assert about("/metrics", "b") not in paths(server)


async def test_without_metrics_the_slots_are_counted() -> None:
    answers = {"/props": told(PROPS), "/metrics": NO_METRICS, "/slots": BUSY_SLOTS}
    async with running(answers) as (_, adapter):
        assert await adapter.workload() == Workload(running=1)


async def test_a_server_that_shows_neither_metrics_nor_slots_says_nothing() -> None:
    answers = {"/props": told(PROPS), "/metrics": NO_METRICS, "/slots": NO_METRICS}
    async with running(answers) as (_, adapter):
        assert await adapter.workload() == Workload()


@pytest.mark.parametrize(
    ("title", "error"),
    [
        ("wrong or missing API key", BackendLocked),
        ("still loading: any route", BackendBusy),
    ],
)
async def test_a_server_that_refuses_to_say_is_told_so(
    title: str, error: type[Exception]
) -> None:
    refusal = case("llamacpp-errors.json", title)
    answers = dict.fromkeys(("/props", "/metrics", "/slots"), refusal)
    async with running(answers) as (_, adapter):
        with pytest.raises(error):
            await adapter.workload()


async def test_a_router_adds_up_the_models_in_its_memory_and_asks_no_other() -> None:
    answers = {
        **ROUTER,
        "/v1/models": entries(a="loaded", b="sleeping", c="loaded", d="unloaded"),
        about("/metrics", "a"): gauges(2, 1),
        about("/metrics", "c"): gauges(1, 0),
    }
    async with running(answers) as (server, adapter):
        assert await adapter.workload() == Workload(running=3, waiting=1)

    assert [path for path in paths(server) if "?" in path] == [
        about("/metrics", "a"),
        about("/metrics", "c"),
    ]


@pytest.mark.parametrize("answer", [STARTING, NOT_LOADED])
async def test_a_model_that_comes_or_goes_has_nothing_to_do(answer: Answer) -> None:
    answers = {
        **ROUTER,
        "/v1/models": entries(a="loaded", b="loaded"),
        about("/metrics", "a"): answer,
        about("/slots", "a"): answer,
        about("/metrics", "b"): gauges(1, 0),
    }
    async with running(answers) as (_, adapter):
        assert await adapter.workload() == Workload(running=1, waiting=0)


async def test_a_router_without_metrics_counts_the_slots_of_each() -> None:
    answers = {
        **ROUTER,
        "/v1/models": entries(a="loaded"),
        about("/metrics", "a"): NO_METRICS,
        about("/slots", "a"): BUSY_SLOTS,
    }
    async with running(answers) as (_, adapter):
        assert await adapter.workload() == Workload(running=1)


def test_a_router_with_nothing_in_memory_has_nothing_to_do() -> None:
    assert total([]) == Workload(running=0, waiting=0)


async def test_a_web_page_in_place_of_slots_is_no_accident() -> None:
    page = Answer(b"<html>Hello</html>", kind="text/html")
    answers = {
        **ROUTER,
        "/v1/models": entries(a="loaded"),
        about("/metrics", "a"): NO_METRICS,
        about("/slots", "a"): page,
    }
    async with running(answers) as (_, adapter):
        assert await adapter.workload() == Workload(running=0)


@pytest.mark.parametrize("answer", [STARTING, NOT_LOADED, NO_FILE])
async def test_a_model_that_is_not_loaded_has_no_more_to_tell(answer: Answer) -> None:
    model = ModelFacts("a", capabilities=frozenset({"vision"}))
    async with running({about("/props", "a"): answer}) as (_, adapter):
        assert await adapter.describe(model) == model


@pytest.mark.parametrize("name", ["user/repo:Q4_K_M", "a b", "a&b=c", "a+b", "a%2Fb"])
async def test_any_name_arrives_as_it_is(name: str) -> None:
    async with running({}) as (server, adapter):
        await adapter.describe(ModelFacts(name))

    query = parse_qs(urlsplit(server.asked[0].path).query)
    assert query == {"model": [name], "autoload": ["false"]}


@pytest.mark.parametrize(
    ("props", "words"),
    [
        ({}, set()),
        ({"chat_template_caps": None, "modalities": None}, set()),
        ({"chat_template_caps": {"supports_tools": False}}, {"completion"}),
        ({"chat_template_caps": {"supports_tools": True}}, {"completion", "tools"}),
        ({"modalities": {"vision": True}}, {"vision"}),
    ],
)
def test_template_and_eyes_say_what_a_model_can_do(
    props: dict[str, Any], words: set[str]
) -> None:
    assert capabilities_in(props) == words


@pytest.mark.parametrize(
    ("info", "told"),
    [("b0-unknown", ""), ("b4567-unknown", "b4567"), ("b4567-1a2b3c", "b4567-1a2b3c")],
)
def test_a_build_that_knows_no_version_tells_none(info: str, told: str) -> None:
    assert read_build(info) == told
