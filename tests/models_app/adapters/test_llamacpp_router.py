"""Managing the models of a router, and of a server that is none."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager

import pytest

from dashboard.errors import BackendCannotDo, BackendError, ModelGone, NothingToPull
from models_app.adapters.adapter import Adapter
from models_app.adapters.base import Can, Loading
from models_app.adapters.client import open_client
from models_app.adapters.llamacpp import LlamaCppAdapter
from models_app.adapters.llamacpp_router import RouterManagement
from tests.fakes.pulling import gathered
from tests.fakes.replay import Answer, End, Replay, replaying, told
from tests.models_app.adapters.orders import CALLS
from tests.models_app.adapters.servers import NO_FILE, case, filed
from tests.recordings import recorded

DONE = told({"success": True})
SINGLE = {
    "/models": filed("llamacpp-models.json"),
    "/v1/models": filed("llamacpp-models.json"),
}
ERRORS = "llamacpp-errors.json"
NOT_RUNNING = case(ERRORS, "router: unload a model that is not running")
RUNNING = case(ERRORS, "router: load a model that is loading, loaded or sleeping")


@asynccontextmanager
async def running(
    answers: Mapping[str, Answer | Sequence[Answer]],
) -> AsyncIterator[tuple[Replay, Adapter]]:
    async with (
        replaying(answers, otherwise=NO_FILE) as server,
        open_client(server.url) as client,
    ):
        adapter = LlamaCppAdapter(client, server="gpu-01")
        adapter.pause = 0
        yield server, adapter


def listed(**status: object) -> Answer:
    return told({"data": [{"id": "tiny", "status": status}]})


@pytest.mark.parametrize("can", sorted(RouterManagement.manages))
async def test_a_server_of_one_model_says_how_to_start_one_of_several(
    can: Can,
) -> None:
    async with running(SINGLE) as (_, adapter):
        with pytest.raises(BackendCannotDo, match="as a router"):
            await CALLS[can](adapter)


async def test_a_server_of_one_model_has_nothing_to_pull_even_by_its_own_name() -> None:
    async with running(SINGLE) as (_, adapter):
        with pytest.raises(BackendCannotDo):
            await gathered(adapter.pull("smollm2:135m"))


async def test_a_download_that_runs_already_is_followed_and_not_begun_twice() -> None:
    going = {"value": "downloading", "progress": {"u": {"done": 1, "total": 2}}}
    answers = {"/models": [listed(**going), listed(**going), listed(value="unloaded")]}
    async with running(answers) as (server, adapter):
        (step,) = await gathered(adapter.pull("tiny"))

    assert (step.layer, step.total, step.completed) == ("u", 2, 1)
    assert not [each for each in server.asked if each.method == "POST"]


@pytest.mark.parametrize("events", [NO_FILE, Answer(end=End.HANG)])
async def test_a_model_that_is_there_is_not_pulled_again(events: Answer) -> None:
    there = listed(value="unloaded")
    answers: dict[str, Answer] = {"/models": there, "/models/sse": events}
    async with running(answers) as (server, adapter):
        assert await gathered(adapter.pull("tiny")) == []

    assert not [each for each in server.asked if each.method == "POST"]


async def test_a_repository_that_cannot_be_had_is_nothing_to_pull() -> None:
    bad = case(ERRORS, "router: download of a bad repo")
    async with running({"/models": [told({"data": []}), bad]}) as (_, adapter):
        with pytest.raises(NothingToPull, match="“no/such:Q4”"):
            await gathered(adapter.pull("no/such:Q4"))


async def test_a_cancel_never_unloads_a_model() -> None:
    answers = {"/models": listed(value="loaded"), "/models/unload": DONE}
    async with running(answers) as (server, adapter):
        await adapter.cancel_pull("tiny")

    assert [each.path for each in server.asked] == ["/models"]


@pytest.mark.parametrize("answer", [DONE, RUNNING])
async def test_a_load_waits_until_the_model_is_loaded(answer: Answer) -> None:
    loading, loaded = listed(value="loading"), listed(value="loaded")
    polls = [loading, loading, loaded]
    answers: dict[str, Answer | Sequence[Answer]] = {
        "/models/load": answer,
        "/models": polls,
    }
    async with running(answers) as (server, adapter):
        await adapter.load("tiny")

    assert len(server.asked) == 4


async def test_a_load_that_fails_later_is_told() -> None:
    failed = listed(value="unloaded", failed=True, exit_code=1)
    async with running({"/models/load": DONE, "/models": failed}) as (_, adapter):
        with pytest.raises(BackendError, match="exit code 1"):
            await adapter.load("tiny")


async def test_a_model_that_is_out_of_memory_is_unloaded() -> None:
    async with running({"/models/unload": NOT_RUNNING}) as (_, adapter):
        await adapter.unload("tiny")


@pytest.mark.parametrize("can", [Can.LOAD, Can.UNLOAD])
async def test_a_model_that_the_router_lacks_is_gone(can: Can) -> None:
    words = "router: unload unknown model is a 400, not a 404"
    unknown = {"/models/load": case(ERRORS, "router: load unknown model")}
    async with running({**unknown, "/models/unload": case(ERRORS, words)}) as (_, it):
        with pytest.raises(ModelGone):
            await CALLS[can](it)


async def test_the_events_say_how_far_a_load_is() -> None:
    events = Answer(recorded("llamacpp-router-events.sse"))
    async with running({"/models/sse": events}) as (server, adapter):
        shares = [each.share async for each in adapter.loading("big")]

    assert shares == [None, 0.21, 0.78]
    assert [each.method for each in server.asked] == ["GET"]


async def test_without_events_the_list_says_that_it_loads() -> None:
    lists = [listed(value=value) for value in ("unloaded", "loading", "loaded")]
    async with running({"/models": lists}) as (_, adapter):
        steps = [each async for each in adapter.loading("tiny")]

    assert steps == [Loading()]


async def test_a_server_of_one_model_tells_nothing_of_its_load() -> None:
    async with running(SINGLE) as (_, adapter):
        assert [each async for each in adapter.loading("smollm2:135m")] == []
