"""The fake Ollama behaves as the real one was seen to, as far as Paddock can tell."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import aclosing, asynccontextmanager

import pytest

from dashboard.errors import (
    BackendBroken,
    DashboardError,
    DiskFull,
    ModelGone,
    NothingToPull,
    ServerTooOld,
    SourceRefused,
    SourceUnreachable,
    WrongBytes,
)
from models_app.adapters.base import NewModel
from models_app.adapters.client import open_client
from models_app.adapters.ollama import OllamaAdapter
from tests.fakes.asking import reply, text_in
from tests.fakes.ollama import ollama
from tests.fakes.ollama_state import FakeOllama, Trouble
from tests.fakes.pulling import gathered, layers_in

SLOW, QUICK = 100_000, 1_000_000_000


@pytest.fixture
def fake() -> Iterator[FakeOllama]:
    with ollama() as server:
        server.rate = QUICK
        server.offer("tiny", 900_000, 100)
        yield server


@asynccontextmanager
async def asking(fake: FakeOllama) -> AsyncIterator[OllamaAdapter]:
    async with open_client(fake.url) as client:
        yield OllamaAdapter(client, server="gpu-01")


async def seen(wait: Callable[[int], None], amount: int) -> None:
    """The fake's own waiting, which would stop this loop."""
    await asyncio.to_thread(wait, amount)


async def test_a_pull_ends_with_the_model_on_the_disk(fake: FakeOllama) -> None:
    async with asking(fake) as adapter:
        steps = await gathered(adapter.pull("tiny"))
        (model,) = await adapter.list_models()

    assert [each.said for each in steps][-2:] == ["writing manifest", "success"]
    assert (model.name, model.size) == ("tiny:latest", 900_100)
    assert fake.transferred == 900_100


async def test_what_is_there_is_not_fetched_again(fake: FakeOllama) -> None:
    async with asking(fake) as adapter:
        await gathered(adapter.pull("tiny"))
        steps = await gathered(adapter.pull("tiny:latest"))

    assert sorted(layers_in(steps).values()) == [(100, 100), (900_000, 900_000)]
    assert fake.transferred == 900_100


async def test_hanging_up_stops_the_traffic_and_the_next_pull_goes_on(
    fake: FakeOllama,
) -> None:
    fake.rate = SLOW
    async with asking(fake) as adapter:
        async with aclosing(adapter.pull("tiny")) as steps:
            await anext(steps)
            await seen(fake.until_transferred, 5_000)
        await seen(fake.until_open, 0)
        before = fake.transferred
        fake.rate = QUICK
        await gathered(adapter.pull("tiny"))

    assert before < 900_000
    assert fake.transferred == 900_100


async def test_two_pulls_share_one_download_which_ends_with_the_last(
    fake: FakeOllama,
) -> None:
    fake.rate = SLOW
    async with asking(fake) as adapter, aclosing(adapter.pull("tiny")) as second:
        async with aclosing(adapter.pull("tiny")) as first:
            await anext(first)
            await anext(second)
            await seen(fake.until_open, 2)
        await seen(fake.until_open, 1)
        fake.rate = QUICK
        await gathered(second)

    assert fake.transferred == 900_100


@pytest.mark.parametrize(
    ("trouble", "error"),
    [
        (Trouble.CUT, BackendBroken),
        (Trouble.DISK_FULL, DiskFull),
        (Trouble.WRONG_BYTES, WrongBytes),
        (Trouble.NOT_FOUND, NothingToPull),
        (Trouble.REFUSED, SourceRefused),
        (Trouble.AWAY, SourceUnreachable),
        (Trouble.TOO_OLD, ServerTooOld),
    ],
)
async def test_a_trouble_comes_as_often_as_told(
    fake: FakeOllama, trouble: Trouble, error: type[DashboardError]
) -> None:
    fake.will("tiny", trouble, after=1000)
    async with asking(fake) as adapter:
        with pytest.raises(error):
            await gathered(adapter.pull("tiny"))
        await gathered(adapter.pull("tiny"))

    assert "tiny:latest" in fake.held


@pytest.mark.parametrize("trouble", [Trouble.STALL, Trouble.SILENT])
async def test_a_pull_that_stalls_moves_no_byte_until_it_is_hung_up_on(
    fake: FakeOllama, trouble: Trouble
) -> None:
    fake.will("tiny", trouble, after=1000)
    async with asking(fake) as adapter:
        async with aclosing(adapter.pull("tiny")) as steps:
            await anext(steps)
            await seen(fake.until_transferred, 1000)
        await seen(fake.until_open, 0)

    assert fake.transferred == 1000


async def test_a_stalled_pull_repeats_its_line(fake: FakeOllama) -> None:
    fake.will("tiny", Trouble.STALL, after=1000)
    async with asking(fake) as adapter, aclosing(adapter.pull("tiny")) as steps:
        told = [await anext(steps) for _ in range(4)]

    assert [each.completed for each in told[-2:]] == [1000, 1000]


async def test_a_model_is_loaded_and_unloaded(fake: FakeOllama) -> None:
    fake.hold("tiny", size=70)
    async with asking(fake) as adapter:
        await adapter.load("tiny", window=2048, keep_alive=-1)
        (loaded,) = await adapter.list_loaded()
        await adapter.unload("tiny")
        gone = await adapter.list_loaded()

    assert (loaded.name, loaded.window, loaded.card_memory) == ("tiny:latest", 2048, 70)
    assert (loaded.unloads_at, gone) == (None, [])


async def test_a_model_is_copied_made_and_deleted(fake: FakeOllama) -> None:
    fake.hold("tiny")
    async with asking(fake) as adapter:
        await adapter.copy("tiny", "second")
        await gathered(adapter.create(NewModel("pirate", "tiny", system="Arr!")))
        await adapter.delete("tiny")
        with pytest.raises(ModelGone):
            await adapter.delete("tiny")

    assert [*fake.held] == ["second:latest", "pirate:latest"]
    assert fake.asked[1].body["system"] == "Arr!"


async def test_it_shows_a_model_and_chats(fake: FakeOllama) -> None:
    fake.hold("tiny")
    async with asking(fake) as adapter:
        modelfile = await adapter.modelfile("tiny")
        shape = await adapter.shape("tiny")

    assert "FROM tiny:latest" in modelfile
    assert shape["model_info"]["llama.block_count"] == 30
    assert text_in(await reply("ollama", fake.url)) == "One two three."


def test_nothing_is_left_running_when_it_ends() -> None:
    before = threading.active_count()
    with ollama():
        pass

    assert threading.active_count() == before
