"""Watching a load beside the reply that waits for it."""

import asyncio
import time
from collections.abc import AsyncGenerator
from contextlib import aclosing

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.errors import BackendSilent
from dashboard.live.bus import link
from dashboard.live.db import in_db
from models_app.adapters.base import Chunk, Loading, Reading, Text
from models_app.gpu.metrics import Metric
from models_app.gpu.samples import Process
from models_app.models import Backend, FitMeasurement
from models_app.nodes.latest import Latest, keep_latest
from models_app.nodes.serving import ServerNow
from models_app.serving.loading import Board, Gauge, watched
from models_app.serving.loads import Load, load_on, memory_in
from models_app.serving.patience import Recall, patiently
from models_app.serving.route import Route, Tier
from tests.fakes.replay import Answer, replaying
from tests.make import make_backend, make_card, make_model, make_node, make_sample
from tests.recordings import recorded

GB = 10**9
SERVER = ServerNow(1, "ollama", "ollama", 11434, frozenset({"gpu-01"}))
MEMORY = st.none() | st.integers(0, 50 * GB)


def route_to(backend: Backend, model: str = "big") -> Route:
    return Route(
        backend=backend.pk,
        server=backend.name,
        kind=backend.kind,
        base_url=backend.base_url,
        sealed_key="",
        model=model,
        first_token_seconds=60,
        silence_seconds=60,
        tier=Tier.LOADED,
        room=4,
        weight=1,
        loaded=None,
    )


def held(memory: int | None, port: int = 11434) -> Latest:
    process = Process(7, memory, "ollama", "ollama", ports=(port,))
    room = {Metric.MEMORY_USED: 20.0 * GB, Metric.MEMORY_TOTAL: 24.0 * GB}
    card = make_card(processes=(process,), values=room)
    sample = make_sample("gpu-01", 1.0, cards=(card,))
    return Latest(time.time(), 0.0, sample)


def keep(latest: Latest) -> None:
    with link().pipeline(transaction=False) as together:
        keep_latest(together, latest)
        together.execute()


def hosted() -> Backend:
    """A server on a host that is known, with a model of 4 GB."""
    make_node("gpu-01")
    backend = make_backend(kind="ollama", base_url="http://gpu-01:11434")
    make_model("big", backend=backend, size=4 * GB)
    return backend


async def grow() -> None:
    """A process that takes another GB with each sample."""
    for size in range(2, 1000):
        await asyncio.sleep(0.03)
        keep(held(size * GB))


def measured(mark: str, size: int, *, server: str) -> None:
    FitMeasurement.objects.create(
        engine="ollama",
        mark=mark,
        window=4096,
        predicted=size,
        measured=size,
        server=server,
    )


async def said(*chunks: Chunk, after: asyncio.Event) -> AsyncGenerator[Chunk, None]:
    await after.wait()
    for chunk in chunks:
        yield chunk


@given(st.lists(MEMORY, max_size=20), st.none() | st.integers(1, 20 * GB))
def test_what_is_there_never_falls_and_is_never_more_than_all(
    memories: list[int | None], total: int | None
) -> None:
    gauge = Gauge(total)

    done = [step.done for each in memories if (step := gauge.at(each)).done]

    assert done == sorted(done)
    assert all(0 < each <= (total or 0) for each in done)


def test_a_model_that_leaves_first_is_no_progress() -> None:
    gauge = Gauge(9 * GB)

    steps = [gauge.at(each * GB) for each in (6, 1, 0, 2, 5)]

    assert [each.done for each in steps] == [None, None, None, 2 * GB, 5 * GB]


def test_what_the_server_says_counts_before_what_its_host_shows() -> None:
    board = Board()

    board.see(Loading(done=3 * GB, total=9 * GB))
    assert board.take() == Loading(done=3 * GB, total=9 * GB)
    board.hear(Loading(share=0.5))
    board.see(Loading(done=4 * GB, total=9 * GB))
    board.hear(Loading(share=0.4))

    assert board.take() == Loading(share=0.5)


def test_the_memory_of_a_server_is_that_of_its_processes() -> None:
    with_servers = Load(1, ("gpu-01",), (SERVER,))

    assert memory_in([held(3 * GB)], with_servers) == 3 * GB
    assert memory_in([held(3 * GB, port=9)], with_servers) == 3 * GB
    assert memory_in([], with_servers) is None


@pytest.mark.django_db
def test_an_earlier_load_says_how_much_it_will_be() -> None:
    make_node("gpu-01")
    backend = make_backend(kind="ollama", base_url="http://gpu-01:11434")
    make_model("big", backend=backend, mark="abc", size=4 * GB)

    assert load_on(route_to(backend)).total == 4 * GB

    measured("abc", 6 * GB, server="elsewhere")
    assert load_on(route_to(backend)).total == 6 * GB

    measured("abc", 5 * GB, server=backend.name)
    assert load_on(route_to(backend)).total == 5 * GB


@pytest.mark.django_db
def test_where_no_host_is_known_nothing_is_reckoned() -> None:
    backend = make_backend(kind="ollama", base_url="http://elsewhere:11434")
    make_model("big", backend=backend, size=4 * GB)

    assert load_on(route_to(backend)) == Load(backend.pk)


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("serving")
async def test_a_load_is_watched_by_the_memory_of_its_host() -> None:
    backend = await in_db(hosted)()
    keep(held(1 * GB))
    go_on, route = asyncio.Event(), route_to(backend)
    chunks = said(Text("Hi"), after=go_on)
    growing = asyncio.create_task(grow())

    words = watched(chunks, route=route, loaded=False, pause=0.01)
    assert await anext(words) == Loading()
    step = await anext(words)
    go_on.set()

    assert isinstance(step, Loading)
    assert (step.total, (step.done or 0) % GB) == (4 * GB, 0)
    assert [each async for each in words][-1] == Text("Hi")
    growing.cancel()


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("serving")
async def test_a_routers_own_word_of_a_load_is_passed_on() -> None:
    events = recorded("llamacpp-router-events.sse")[:300]
    go_on = asyncio.Event()
    async with replaying({"/models/sse": Answer(events)}) as server:
        backend = await in_db(make_backend)(kind="llamacpp", base_url=server.url)
        chunks = said(Text("Hi"), after=go_on)
        async with aclosing(
            watched(chunks, route=route_to(backend), loaded=False)
        ) as all_:
            async for chunk in all_:
                if chunk == Loading(share=0.21):
                    go_on.set()

    assert chunk == Text("Hi")


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("serving")
@pytest.mark.parametrize("loaded", [True, False, None])
async def test_all_chunks_come_as_they_were(loaded: bool | None) -> None:
    at_once = asyncio.Event()
    at_once.set()
    route = route_to(await in_db(make_backend)())
    chunks = said(Reading(1, 2), Text("a"), Text("b"), after=at_once)

    words = [each async for each in watched(chunks, route=route, loaded=loaded)]

    told = [each for each in words if not isinstance(each, Loading)]
    assert told == [Reading(1, 2), Text("a"), Text("b")]


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("serving")
async def test_who_leaves_ends_the_question_too() -> None:
    ended = asyncio.Event()

    async def silent() -> AsyncGenerator[Chunk, None]:
        try:
            await asyncio.Event().wait()
            yield Text("never")
        finally:
            ended.set()

    route = route_to(await in_db(make_backend)())
    chunks = watched(silent(), route=route, loaded=False)
    await anext(chunks)
    await asyncio.wait_for(chunks.aclose(), 1)

    assert ended.is_set()


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("serving")
async def test_a_server_that_never_answers_is_silent_though_its_load_is_watched() -> (
    None
):
    never = said(after=asyncio.Event())
    patient = patiently(never, server="gpu-01", first=0.05, between=9, recall=Recall())
    route = route_to(await in_db(make_backend)())

    with pytest.raises(BackendSilent):
        async for _ in watched(patient, route=route, loaded=False):
            pass


async def test_word_of_a_load_leaves_the_patience_for_a_first_token() -> None:
    async def slow() -> AsyncGenerator[Chunk, None]:
        yield Loading(share=0.1)
        await asyncio.sleep(0.05)
        yield Text("Hi")

    patient = patiently(
        slow(), server="gpu-01", first=30, between=0.001, recall=Recall()
    )

    assert [each async for each in patient][-1] == Text("Hi")
