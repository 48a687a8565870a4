"""The adapters against a router of llama.cpp and against vLLM: what every kind must do."""

import asyncio
import time
from contextlib import aclosing
from dataclasses import replace
from statistics import median

import pytest

from dashboard.errors import BackendRefused
from models_app.adapters.base import ChatMessage, ParameterValue, Text
from models_app.adapters.detect import examine
from models_app.modelfile.recipe import Recipe
from models_app.resolve import resolve
from tests.engines.servers import MODEL, Server, asked
from tests.fakes.asking import finish_in, text_in
from tests.models_app.full_preset import EVERYTHING

pytestmark = pytest.mark.engines


async def seconds_to_stop(server: Server) -> float:
    """From hanging up in the middle of a reply until the server writes no more."""
    endless = asked("Count to ten thousand.", num_predict=900)
    async with server.adapter() as adapter:
        async with aclosing(adapter.chat(endless)) as chunks:
            await anext(chunks)
            assert server.running() == 1
        hung_up = time.monotonic()
        while server.running():
            await asyncio.sleep(0.01)
        return time.monotonic() - hung_up


async def test_its_kind_is_found(server: Server) -> None:
    assert (await examine(server.url, key=server.key)).kind == server.kind


async def test_its_kind_is_found_without_its_key(locked: Server) -> None:
    assert (await examine(locked.url)).kind == locked.kind


async def test_it_lists_what_it_serves(server: Server) -> None:
    async with server.adapter() as adapter:
        names = [each.name for each in await adapter.list_models()]

    assert MODEL in names


async def test_a_reply_streams_and_tells_what_it_cost(server: Server) -> None:
    chunks = await server.reply(asked("Tell me a story.", num_predict=8))

    assert text_in(chunks)
    assert len([each for each in chunks if isinstance(each, Text)]) > 1
    assert finish_in(chunks).reason == "length"
    assert finish_in(chunks).usage.completion_tokens == 8
    assert (finish_in(chunks).usage.prompt_tokens or 0) > 8


async def test_the_model_knows_when_it_has_said_all(server: Server) -> None:
    chunks = await server.reply(asked("Say: hi", temperature=0, num_predict=200))

    assert finish_in(chunks).reason == "stop"


async def test_hanging_up_stops_it_within_half_a_second(server: Server) -> None:
    taken = [await seconds_to_stop(server) for _ in range(10)]

    # Not the longest: a slow moment of a busy machine is none of the server's.
    assert median(taken) < 0.5


async def test_with_a_wrong_key_it_refuses(locked: Server) -> None:
    stranger = replace(locked, key="another")

    with pytest.raises(BackendRefused) as refused:
        await stranger.reply(asked("Hello."))

    assert refused.value.facts["upstream"] == 401


async def test_with_its_key_it_replies(locked: Server) -> None:
    assert text_in(await locked.reply(asked("Hello.", num_predict=2)))


async def test_a_preset_that_says_everything_is_taken(server: Server) -> None:
    question = ChatMessage("user", "Hi")
    resolved = resolve(EVERYTHING, server.kind, messages=(question,), model=MODEL)

    chunks = await server.reply(resolved.request)

    assert 0 < (finish_in(chunks).usage.completion_tokens or 0) <= 8


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("temperature", -1),
        ("temperature", 9.5),
        ("top_p", 0),
        ("top_p", 7),
        ("top_k", -9),
        ("top_k", 2**40),
        ("min_p", 2),
        ("repeat_penalty", 0),
        ("presence_penalty", -9),
        ("frequency_penalty", 9),
        ("seed", 2**63 - 1),
        ("stop", ["", "a", "b", "c", "d", "e"]),
    ],
)
async def test_no_value_of_a_preset_is_refused(
    server: Server, name: str, value: ParameterValue
) -> None:
    recipe = Recipe((MODEL,), parameters={"num_predict": 2, name: value})
    resolved = resolve(recipe, server.kind, messages=(ChatMessage("user", "Hi"),))

    assert finish_in(await server.reply(resolved.request)).reason
