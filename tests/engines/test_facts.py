"""What the adapters know of the real servers: memory, work and limits."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from dashboard.errors import ModelGone, PromptTooLong
from models_app.adapters.base import LoadedModel, Workload
from tests.engines.servers import MODEL, Server, asked

pytestmark = pytest.mark.engines

WINDOW = {"llamacpp": 1024, "vllm": 2048}
AT_ONCE = {"llamacpp": 2, "vllm": 4}


@asynccontextmanager
async def writing(server: Server, replies: int) -> AsyncIterator[None]:
    """So many replies are asked for at once, and hung up with the block."""
    endless = asked("Count to ten thousand.", num_predict=900)
    tasks = [asyncio.create_task(server.reply(endless)) for _ in range(replies)]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def test_it_tells_how_much_it_writes_and_how_much_waits(server: Server) -> None:
    busy = Workload(running=AT_ONCE[server.kind], waiting=2)

    async with server.adapter() as adapter, asyncio.timeout(30):
        async with writing(server, replies=AT_ONCE[server.kind] + 2):
            while await adapter.workload() != busy:
                await asyncio.sleep(0.05)
        while await adapter.workload() != Workload(running=0, waiting=0):
            await asyncio.sleep(0.05)


async def test_it_tells_the_window_of_a_model_in_memory(server: Server) -> None:
    await server.reply(asked("Hello.", num_predict=1))

    async with server.adapter() as adapter:
        loaded = await adapter.list_loaded()
        models = {each.name: each for each in await adapter.list_models()}

    assert LoadedModel(MODEL, window=WINDOW[server.kind]) in loaded
    assert models[MODEL].window == WINDOW[server.kind]


async def test_a_router_has_nothing_in_memory_until_somebody_chats(
    fresh_router: Server,
) -> None:
    async with fresh_router.adapter() as adapter:
        before = await adapter.list_loaded()
        await fresh_router.reply(asked("Hello.", num_predict=1))
        after = await adapter.list_loaded()

    assert before == []
    assert [each.name for each in after] == [MODEL]


async def test_asking_a_router_for_everything_loads_nothing(
    fresh_router: Server,
) -> None:
    async with fresh_router.adapter() as adapter:
        for model in await adapter.list_models():
            await adapter.describe(model)
        idle = await adapter.workload()
        await adapter.version()

        assert idle == Workload(running=0, waiting=0)
        assert await adapter.list_loaded() == []


async def test_models_that_come_and_go_are_no_failure(fresh_router: Server) -> None:
    async with fresh_router.adapter() as adapter, asyncio.timeout(30):
        fresh_router.post("/models/load", model=MODEL)
        while not await adapter.list_loaded():
            assert (await adapter.workload()).running == 0
        fresh_router.post("/models/unload", model=MODEL)
        while await adapter.list_loaded():
            assert (await adapter.workload()).running == 0


async def test_a_routers_model_tells_its_nature_once_it_is_loaded(
    router: Server,
) -> None:
    await router.reply(asked("Hello.", num_predict=1))

    async with router.adapter() as adapter:
        (model,) = [each for each in await adapter.list_models() if each.name == MODEL]
        facts = await adapter.describe(model)

    assert (facts.context, facts.quantization) == (8192, "Q4_1")
    assert facts.parameters == "134.5M"
    assert facts.capabilities == frozenset({"completion"})


async def test_it_tells_its_version(server: Server) -> None:
    async with server.adapter() as adapter:
        version = await adapter.version()

    assert version == {"llamacpp": "b1-571d0d5", "vllm": "0.32.0"}[server.kind]


async def test_a_prompt_over_the_window_is_too_long(server: Server) -> None:
    with pytest.raises(PromptTooLong):
        await server.reply(asked("word " * 4000))


async def test_a_model_that_it_lacks_is_gone(server: Server) -> None:
    with pytest.raises(ModelGone):
        await server.reply(replace(asked("Hello."), model="nope"))
