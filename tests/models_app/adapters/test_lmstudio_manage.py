"""Managing the models of LM Studio."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager

import pytest

from dashboard.errors import (
    BackendBroken,
    BackendCannotDo,
    ModelGone,
    NothingToPull,
    PullError,
)
from models_app.adapters.adapter import Adapter
from models_app.adapters.base import Can
from models_app.adapters.client import open_client
from models_app.adapters.lmstudio import LMStudioAdapter
from models_app.adapters.lmstudio_download import wanted
from tests.fakes.pulling import gathered
from tests.fakes.replay import Answer, Replay, replaying, told
from tests.models_app.adapters.orders import CALLS
from tests.models_app.adapters.pulls import GRANITE, JOB, STATUS, job
from tests.models_app.adapters.servers import NO_ROUTE, case, filed

BEGIN, LIST = "/api/v1/models/download", "/api/v1/models"
MISSING = case("lmstudio-errors.json", "documented error types, model not found")


@asynccontextmanager
async def running(
    answers: Mapping[str, Answer | Sequence[Answer]],
) -> AsyncIterator[tuple[Replay, Adapter]]:
    async with (
        replaying(answers, otherwise=NO_ROUTE) as server,
        open_client(server.url) as client,
    ):
        adapter = LMStudioAdapter(client, server="gpu-01")
        adapter.pause = 0
        yield server, adapter


def paths(server: Replay) -> list[str]:
    return [each.path for each in server.asked]


def in_memory(**windows: int) -> Answer:
    instances = [
        {"id": name, "config": {"context_length": window}}
        for name, window in windows.items()
    ]
    return told({"models": [{"key": "tiny", "loaded_instances": instances}]})


async def test_what_is_there_already_has_no_job_and_needs_no_other_question() -> None:
    async with running({BEGIN: job("already_downloaded")}) as (server, adapter):
        (step,) = await gathered(adapter.pull("qwen/qwen3-4b"))

    assert (step.said, step.job, step.layer) == ("already_downloaded", "", "")
    assert paths(server) == [BEGIN]


async def test_a_job_is_gone_on_with() -> None:
    async with running({STATUS: job("poll_downloading", "poll_completed")}) as (s, it):
        steps = await gathered(it.pull(GRANITE, job=JOB))

    assert [each.completed for each in steps] == [911_654_144, 2_279_145_003]
    assert BEGIN not in paths(s)


async def test_a_job_that_is_forgotten_is_begun_anew() -> None:
    gone = "/api/v1/models/download/status/job_gone"
    answers = {
        gone: job("poll_unknown_job"),
        BEGIN: job("start"),
        STATUS: job("poll_completed"),
    }
    async with running(answers) as (server, adapter):
        steps = await gathered(adapter.pull(GRANITE, job="job_gone"))

    assert paths(server) == [gone, BEGIN, STATUS]
    assert {each.job for each in steps} == {JOB}


async def test_a_job_that_is_forgotten_in_the_middle_is_broken() -> None:
    answers = {BEGIN: job("start"), STATUS: job("poll_downloading", "poll_unknown_job")}
    async with running(answers) as (_, adapter):
        with pytest.raises(BackendBroken, match="no longer knows of this download"):
            await gathered(adapter.pull(GRANITE))


async def test_a_job_that_failed_says_where_to_look() -> None:
    async with running({BEGIN: job("start"), STATUS: job("poll_failed")}) as (_, it):
        with pytest.raises(PullError, match="LM Studio itself"):
            await gathered(it.pull(GRANITE))


async def test_a_paused_download_is_told_as_paused_and_waited_for() -> None:
    answers = {BEGIN: job("start"), STATUS: job("poll_paused", "poll_completed")}
    async with running(answers) as (_, adapter):
        steps = await gathered(adapter.pull(GRANITE))

    assert [each.said for each in steps] == ["downloading", "paused", "completed"]


async def test_a_model_that_nobody_offers_is_nothing_to_pull() -> None:
    async with running({BEGIN: MISSING}) as (_, adapter):
        with pytest.raises(NothingToPull):
            await gathered(adapter.pull("no/such"))


@pytest.mark.parametrize("can", [Can.PULL, Can.LOAD, Can.UNLOAD])
async def test_before_0_4_it_says_which_version_can(can: Can) -> None:
    old = {"/api/v0/models": filed("lmstudio-models-v0.json")}
    async with running(old) as (_, adapter):
        with pytest.raises(BackendCannotDo, match=r"0\.4"):
            await CALLS[can](adapter)


def test_a_quantization_is_told_with_an_address_only() -> None:
    address = "https://huggingface.co/example-user/Tiny-Chat-GGUF"

    assert wanted(f"{address}@Q4_K_M") == {"model": address, "quantization": "Q4_K_M"}
    assert wanted(address) == {"model": address}
    assert wanted("qwen/qwen3@4b") == {"model": "qwen/qwen3@4b"}


@pytest.mark.parametrize("window", [None, 4096])
async def test_a_model_that_is_loaded_so_is_not_loaded_twice(
    window: int | None,
) -> None:
    async with running({LIST: in_memory(tiny=4096)}) as (server, adapter):
        await adapter.load("tiny", window=window)

    assert paths(server) == [LIST]


async def test_another_window_takes_the_place_of_the_first() -> None:
    unload, load = f"{LIST}/unload", f"{LIST}/load"
    answers = {LIST: in_memory(tiny=4096), unload: told({}), load: told({})}
    async with running(answers) as (server, adapter):
        await adapter.load("tiny", window=8192)

    assert paths(server) == [LIST, unload, load]


async def test_for_ever_is_how_it_keeps_a_model_anyway() -> None:
    async with running({LIST: in_memory(tiny=4096)}) as (_, adapter):
        await adapter.load("tiny", keep_alive=-1)


async def test_a_model_that_is_not_loaded_is_unloaded() -> None:
    async with running({LIST: in_memory()}) as (server, adapter):
        await adapter.unload("tiny")

    assert paths(server) == [LIST]


@pytest.mark.parametrize("can", [Can.LOAD, Can.UNLOAD])
async def test_a_model_that_it_lacks_is_gone(can: Can) -> None:
    async with running({LIST: filed("lmstudio-models-v1.json")}) as (_, adapter):
        with pytest.raises(ModelGone, match="tiny"):
            await CALLS[can](adapter)
