"""The adapters against a real llama.cpp, of which only the words are unknown."""

import asyncio
from contextlib import aclosing

import pytest

from dashboard.errors import PromptTooLong
from models_app.adapters import adapter_for
from models_app.adapters.base import (
    ChatMessage,
    ChatRequest,
    ParameterValue,
    Reading,
    Text,
)
from models_app.adapters.client import open_client
from models_app.adapters.detect import examine
from models_app.modelfile.recipe import Recipe
from models_app.resolve import resolve
from tests.fakes.asking import asking, finish_in, reply, text_in
from tests.models_app.full_preset import EVERYTHING


async def test_the_engine_is_known_and_lists_its_model(engine: str) -> None:
    async with open_client(engine) as client:
        (facts,) = await adapter_for("llamacpp", client, server="e").list_models()

    assert (await examine(engine)).kind == "llamacpp"
    assert (facts.context, facts.quantization) == (8192, "Q4_1")


async def test_the_engine_streams_a_reply_and_what_it_cost(engine: str) -> None:
    chunks = await reply("llamacpp", engine, asking("Tell me a story.", num_predict=8))

    assert text_in(chunks)
    assert len([each for each in chunks if isinstance(each, Text)]) > 1
    assert finish_in(chunks).reason in ("length", "stop")
    assert finish_in(chunks).usage.prompt_ms is not None
    assert 0 < (finish_in(chunks).usage.completion_tokens or 0) <= 8


async def test_the_engine_tells_how_much_of_the_prompt_it_has_read(engine: str) -> None:
    long = asking(f"{engine} has sheep, " + "one more sheep, " * 700, num_predict=1)

    chunks = await reply("llamacpp", engine, long)

    read = [each for each in chunks if isinstance(each, Reading)]
    assert len(read) > 1
    assert [each.done for each in read] == sorted(each.done or 0 for each in read)
    assert read[-1].done == read[-1].total == finish_in(chunks).usage.prompt_tokens
    assert read[0].done == read[0].cached


async def test_replies_can_follow_each_other_at_once(engine: str) -> None:
    async with open_client(engine) as client:
        adapter = adapter_for("llamacpp", client, server="e")
        for _ in range(5):
            async with aclosing(adapter.chat(asking(num_predict=2))) as chunks:
                assert finish_in([chunk async for chunk in chunks])


async def test_hanging_up_frees_the_slot(engine: str) -> None:
    endless = asking("Count to ten thousand.", num_predict=4000)

    async with open_client(engine) as client, asyncio.timeout(20):
        adapter = adapter_for("llamacpp", client, server="e")
        async with aclosing(adapter.chat(endless)) as chunks:
            await anext(chunks)
            assert (await adapter.workload()).running == 1
        while (await adapter.workload()).running:
            await asyncio.sleep(0.02)


async def test_the_engine_tells_of_itself_and_of_its_model(engine: str) -> None:
    async with open_client(engine) as client:
        adapter = adapter_for("llamacpp", client, server="e")
        (facts,) = await adapter.list_models()
        (loaded,) = await adapter.list_loaded()

        assert (loaded.name, loaded.window) == (facts.name, facts.window)
        assert "completion" in (await adapter.describe(facts)).capabilities
        assert "unknown" not in await adapter.version()


async def test_the_engine_writes_on_and_repeats_nothing(engine: str) -> None:
    begun = (
        ChatMessage("user", "Say the days of the week."),
        ChatMessage("assistant", "Monday, Tuesday, Wedn"),
    )
    request = ChatRequest(
        "any", begun, {"temperature": 0, "num_predict": 12}, go_on=True
    )

    chunks = await reply("llamacpp", engine, request)

    assert text_in(chunks)
    assert "Monday, Tuesday, Wedn" not in text_in(chunks)


async def test_a_question_that_is_too_long_says_so(engine: str) -> None:
    with pytest.raises(PromptTooLong, match="exceeds the available context size"):
        await reply("llamacpp", engine, asking("word " * 30_000))


async def test_the_same_engine_is_understood_as_a_stranger(engine: str) -> None:
    request: ChatRequest = asking("Hi", num_predict=4, repeat_penalty=1.1)

    assert finish_in(await reply("openai", engine, request)).usage.completion_tokens


async def test_a_preset_that_says_everything_is_taken(engine: str) -> None:
    resolved = resolve(EVERYTHING, "llamacpp", messages=(ChatMessage("user", "Hi"),))

    chunks = await reply("llamacpp", engine, resolved.request)

    assert 0 < (finish_in(chunks).usage.completion_tokens or 0) <= 8


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("temperature", -1),
        ("temperature", 1e9),
        ("top_p", 0),
        ("top_p", -1),
        ("top_p", 7),
        ("min_p", -1),
        ("typical_p", -1),
        ("top_k", -(2**63)),
        ("top_k", 2**63 - 1),
        ("repeat_penalty", 0),
        ("repeat_penalty", -1),
        ("repeat_last_n", -1),
        ("repeat_last_n", 2**40),
        ("presence_penalty", 1e9),
        ("num_keep", -9),
        ("seed", 2**32),
        ("stop", [""]),
    ],
)
async def test_no_value_makes_the_engine_refuse(
    engine: str, name: str, value: ParameterValue
) -> None:
    recipe = Recipe(("any",), parameters={"num_predict": 2, name: value})
    resolved = resolve(recipe, "llamacpp", messages=(ChatMessage("user", "Hi"),))

    assert finish_in(await reply("llamacpp", engine, resolved.request)).reason
