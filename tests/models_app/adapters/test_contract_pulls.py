"""What every kind of adapter that can pull makes of a download, over real sockets."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import replace

import httpx
import pytest

from dashboard.errors import (
    BackendBroken,
    BackendError,
    BackendLocked,
    BackendUnreachable,
    NameUnfit,
    NoModelServer,
    PullError,
)
from models_app.adapters import ADAPTERS, adapter_for
from models_app.adapters.adapter import Adapter
from models_app.adapters.base import Can, PullStep
from models_app.adapters.client import open_client
from tests.fakes.pulling import gathered, layers_in
from tests.fakes.replay import Answer, End, Replay, replaying, told
from tests.models_app.adapters.pulls import PULLS, Pull

STREAMED = {name: pull for name, pull in PULLS.items() if pull.streams}
PAGE = Answer(b"<html><title>Welcome</title></html>", kind="text/html")

every_pull = pytest.mark.parametrize("pull", PULLS.values(), ids=PULLS)
every_streamed = pytest.mark.parametrize("pull", STREAMED.values(), ids=STREAMED)


@asynccontextmanager
async def running(
    pull: Pull, progress: Answer | None = None
) -> AsyncIterator[tuple[Replay, Adapter]]:
    """The server of a pull, or one whose progress is another answer."""
    answers = {**pull.answers, **({pull.path: progress} if progress else {})}
    async with (
        replaying(answers, otherwise=pull.otherwise) as server,
        open_client(server.url) as client,
    ):
        yield server, adapter_of(pull, client)


def adapter_of(pull: Pull, client: httpx.AsyncClient) -> Adapter:
    adapter = adapter_for(pull.kind, client, server="gpu-01")
    adapter.pause = 0
    return adapter


async def failing(pull: Pull, answer: Answer) -> tuple[Exception, list[PullStep]]:
    """The error of a pull whose progress is this answer, and the steps before it."""
    steps = list[PullStep]()
    async with running(pull, answer) as (_, adapter):
        with pytest.raises((BackendError, PullError)) as caught:
            await gathered(adapter.pull(pull.name), into=steps)
    return caught.value, steps


def test_each_kind_that_can_pull_has_a_recorded_pull() -> None:
    can = {kind for kind, each in ADAPTERS.items() if Can.PULL in each.can}

    assert {each.kind for each in PULLS.values()} == can


@every_pull
async def test_a_pull_is_told_step_by_step_to_its_end(pull: Pull) -> None:
    async with running(pull) as (server, adapter):
        steps = await gathered(adapter.pull(pull.name))

    assert (len(steps), steps[-1]) == (pull.steps, pull.last)
    assert layers_in(steps) == pull.layers
    assert [a.json for a in server.asked if a.method == "POST"] == [pull.asked]


@every_streamed
@pytest.mark.parametrize("pace", [1, 7])
async def test_a_streamed_pull_is_the_same_wherever_it_is_cut(
    pull: Pull, pace: int
) -> None:
    cut = replace(pull.progress, cuts=range(1, len(pull.progress.body), pace))
    async with running(pull, cut) as (_, adapter):
        steps = await gathered(adapter.pull(pull.name))

    assert (len(steps), steps[-1]) == (pull.steps, pull.last)


@every_streamed
@pytest.mark.parametrize("end", [End.WHOLE, End.EARLY, End.RESET])
async def test_a_stream_that_ends_early_is_broken_and_no_success(
    pull: Pull, end: End
) -> None:
    half = pull.progress.body[: pull.progress.body.index(b"total") + 40]

    failure, steps = await failing(pull, replace(pull.progress, body=half, end=end))

    assert type(failure) is BackendBroken
    assert pull.last not in steps


@every_streamed
async def test_leaving_a_streamed_pull_hangs_up(pull: Pull) -> None:
    body = pull.progress.body
    first = body[: body.index(b"\n", body.index(b'"total"')) + 2]
    answer = replace(pull.progress, body=first, end=End.HANG)
    async with running(pull, answer) as (server, adapter), asyncio.timeout(5):
        async with aclosing(adapter.pull(pull.name)) as steps:
            await anext(steps)
            assert not server.hung_up.is_set()
        await server.hung_up.wait()


@every_pull
async def test_cancelling_the_reader_of_a_silent_pull_hangs_up(pull: Pull) -> None:
    silent = replace(pull.progress, body=b"", end=End.HANG)
    async with running(pull, silent) as (server, adapter), asyncio.timeout(5):
        reader = asyncio.create_task(gathered(adapter.pull(pull.name)))
        while pull.path not in [each.path for each in server.asked]:
            await asyncio.sleep(0.01)
        reader.cancel()
        with pytest.raises(asyncio.CancelledError):
            await reader
        await server.hung_up.wait()


@every_pull
@pytest.mark.parametrize("name", ["", "  ", "two words", "a\nb"])
async def test_a_name_that_is_none_is_refused_before_anything_is_asked(
    pull: Pull, name: str
) -> None:
    async with running(pull) as (server, adapter):
        with pytest.raises(NameUnfit, match=r"Write one like “\S+”\."):
            await gathered(adapter.pull(name))

    assert server.asked == []


@every_pull
async def test_blanks_around_a_name_do_not_matter(pull: Pull) -> None:
    async with running(pull) as (server, adapter):
        await gathered(adapter.pull(f"  {pull.name}\n"))

    assert [a.json for a in server.asked if a.method == "POST"] == [pull.asked]


@every_pull
@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (told({"error": "no key"}, status=401), BackendLocked),
        (PAGE, NoModelServer),
        (told({"error": {"message": "oh"}}, status=500), BackendError),
        (told([1]), (BackendError, PullError)),
        (told({}), (BackendError, PullError)),
        (Answer(b"\xff", kind="application/json"), (BackendError, PullError)),
        (Answer(end=End.RESET), BackendError),
    ],
)
async def test_whatever_a_server_answers_it_is_an_error_of_ours(
    pull: Pull, answer: Answer, error: type[Exception]
) -> None:
    failure, steps = await failing(replace(pull, answers={}, otherwise=answer), answer)

    assert isinstance(failure, error)
    assert steps == []


@every_pull
async def test_a_server_that_is_not_there_is_unreachable(pull: Pull) -> None:
    async with open_client("http://127.0.0.1:9") as client:
        with pytest.raises(BackendUnreachable, match="connection refused"):
            await gathered(adapter_of(pull, client).pull(pull.name))
