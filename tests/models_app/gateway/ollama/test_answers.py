"""Ollama's own SDK at the gateway: replies, from an Ollama and from another kind."""

import asyncio
from typing import Any

import httpx
import pytest
from ollama import ResponseError

from models_app.models import FieldGrant
from tests.fakes.ollama_state import FakeOllama
from tests.fakes.replay import Answer, End, replaying, told
from tests.make import make_admin, make_person, make_preset
from tests.models_app.gateway.ollama.houses import (
    CHAT,
    MODEL,
    OTHER,
    PARIS,
    REPLAYED,
    SAID,
    VECTORS,
    at_ollama,
    at_vllm,
    client_of,
    embedder,
    key_for,
    made,
    ollama_house,
    vllm_house,
)
from tests.recordings import recorded

HELLO = [{"role": "user", "content": "hello"}]
TOOL = {
    "type": "function",
    "function": {"name": "get_weather", "parameters": {"type": "object"}},
}


def last_asked(fake: FakeOllama) -> dict[str, Any]:
    body: dict[str, Any] = fake.asked[-1].body
    return body


async def test_a_chat_streams_by_default(gateway: str, fake: FakeOllama) -> None:
    secret = await made(at_ollama, fake)
    async with client_of(gateway, secret) as client:
        parts = [
            each async for each in await client.chat(MODEL, messages=HELLO, stream=True)
        ]

    assert "".join(each.message.content or "" for each in parts) == SAID
    assert (parts[-1].done, parts[-1].eval_count) == (True, 3)


async def test_a_chat_may_come_whole(gateway: str, fake: FakeOllama) -> None:
    secret = await made(at_ollama, fake)
    async with client_of(gateway, secret) as client:
        reply = await client.chat(MODEL, messages=HELLO)

    assert reply.message.content == SAID
    assert last_asked(fake)["stream"] is False


async def test_an_ollama_is_sent_what_the_program_said(
    gateway: str, fake: FakeOllama
) -> None:
    secret = await made(at_ollama, fake, "smol")
    body = {"model": "smol", "messages": HELLO, "truncate": False, "stream": False}
    async with httpx.AsyncClient(base_url=f"{gateway}/key/{secret}") as http:
        await http.post("/api/chat", json=body)

    assert last_asked(fake) == body


async def test_another_kind_answers_in_ollamas_words(gateway: str) -> None:
    async with replaying(REPLAYED) as server:
        secret = await made(at_vllm, server.url)
        async with client_of(gateway, secret) as client:
            parts = [
                each
                async for each in await client.chat(
                    OTHER, messages=HELLO, stream=True, options={"num_predict": 7}
                )
            ]

    assert "".join(each.message.content or "" for each in parts) == PARIS
    assert (parts[-1].done, parts[-1].done_reason) == (True, "stop")
    assert server.asked[-1].json["max_tokens"] == 7


async def test_another_kind_answers_whole(gateway: str) -> None:
    async with replaying(REPLAYED) as server:
        secret = await made(at_vllm, server.url)
        async with client_of(gateway, secret) as client:
            chat = await client.chat(OTHER, messages=HELLO)
            text = await client.generate(OTHER, "hello", system="Be short.")

    assert (chat.message.content, text.response) == (PARIS, PARIS)
    assert chat.eval_count
    assert [each["role"] for each in server.asked[-1].json["messages"]] == [
        "system",
        "user",
    ]


async def test_a_schema_goes_to_another_kind_as_it_takes_it(gateway: str) -> None:
    schema = {"type": "object", "properties": {"age": {"type": "integer"}}}
    async with replaying(REPLAYED) as server:
        secret = await made(at_vllm, server.url)
        async with client_of(gateway, secret) as client:
            await client.chat(OTHER, messages=HELLO, format=schema)

    told_format = server.asked[-1].json["response_format"]
    assert told_format["json_schema"]["schema"] == schema


async def test_calls_come_from_an_ollama(gateway: str, fake: FakeOllama) -> None:
    secret = await made(at_ollama, fake)
    async with client_of(gateway, secret) as client:
        reply = await client.chat(MODEL, messages=HELLO, tools=[TOOL])

    assert reply.message.tool_calls is not None
    (call,) = reply.message.tool_calls
    assert (call.function.name, call.function.arguments) == (
        "get_weather",
        {"city": "Oslo"},
    )


async def test_calls_come_from_another_kind(gateway: str) -> None:
    calls = Answer(recorded("real-vllm-chat-tools-named-stream.sse"))
    async with replaying({CHAT: calls}) as server:
        secret = await made(at_vllm, server.url)
        async with client_of(gateway, secret) as client:
            reply = await client.chat(OTHER, messages=HELLO, tools=[TOOL])

    assert reply.message.tool_calls is not None
    (call,) = reply.message.tool_calls
    assert call.function.name == "get_weather"
    assert isinstance(call.function.arguments, dict)


async def test_a_prompt_is_completed(gateway: str, fake: FakeOllama) -> None:
    secret = await made(at_ollama, fake)
    async with client_of(gateway, secret) as client:
        text = await client.generate(MODEL, "hello", suffix="!")

    assert text.response == SAID
    assert last_asked(fake)["suffix"] == "!"


async def test_what_only_ollama_can_do_is_refused_elsewhere(gateway: str) -> None:
    async with replaying(REPLAYED) as server:
        secret = await made(at_vllm, server.url)
        async with client_of(gateway, secret) as client:
            with pytest.raises(ResponseError, match="only Ollama") as refused:
                await client.generate(OTHER, "hello", suffix="!")

    assert refused.value.status_code == 400
    assert server.asked == []


def in_both(fake: FakeOllama, url: str) -> str:
    """A model that an Ollama and a vLLM have; the Ollama comes last by weight."""
    ollama_house(fake, "smol")
    backend = vllm_house(url, "smol")
    backend.weight = 9
    backend.save()
    return key_for(make_person())


async def test_what_only_ollama_can_do_is_asked_of_one(
    gateway: str, fake: FakeOllama
) -> None:
    async with replaying(REPLAYED) as server:
        secret = await made(in_both, fake, server.url)
        async with client_of(gateway, secret) as client:
            plain = await client.generate("smol", "hello")
            filled = await client.generate("smol", "hello", suffix="!")

    assert (plain.response, filled.response) == (PARIS, SAID)


async def test_a_question_without_words_loads(gateway: str, fake: FakeOllama) -> None:
    secret = await made(at_ollama, fake)
    async with client_of(gateway, secret) as client:
        told_of = await client.generate(MODEL)

    assert (told_of.done, told_of.done_reason) == (True, "load")
    assert MODEL in fake.loaded


async def test_nobody_is_asked_to_load_what_loads_by_itself(gateway: str) -> None:
    async with replaying(REPLAYED) as server:
        secret = await made(at_vllm, server.url)
        async with client_of(gateway, secret) as client:
            told_of = await client.chat(OTHER, messages=[])

    assert told_of.done_reason == "load"
    assert server.asked == []


def with_vectors(fake: FakeOllama, url: str) -> str:
    fake.hold(VECTORS)
    embedder(ollama_house(fake))
    embedder(vllm_house(url), "e5")
    return key_for(make_person())


async def test_vectors_come_from_each_kind(gateway: str, fake: FakeOllama) -> None:
    async with replaying(REPLAYED) as server:
        secret = await made(with_vectors, fake, server.url)
        async with client_of(gateway, secret) as client:
            ollamas = await client.embed(VECTORS, ["ab", "abc"])
            others = await client.embed("e5", "ab")
            old = await client.embeddings("e5", "ab")

    assert ollamas.embeddings == [[2.0], [3.0]]
    assert others.embeddings == [[0.5, 0.25]]
    assert others.prompt_eval_count == 2
    assert old.embedding == [0.5, 0.25]


def with_preset(fake: FakeOllama, url: str) -> str:
    """A short preset of a model that an Ollama has, and a polite one of a vLLM's."""
    ollama_house(fake)
    vllm_house(url)
    short = {"system": "Be short.", "parameters": {"temperature": 0.2, "top_k": 3}}
    make_preset(name="Short", model=MODEL, **short)
    make_preset(name="Polite", model=OTHER, **short)
    return key_for(make_person())


async def test_a_preset_comes_before_what_a_program_says(
    gateway: str, fake: FakeOllama
) -> None:
    secret = await made(with_preset, fake, "http://127.0.0.1:9")
    async with client_of(gateway, secret) as client:
        await client.chat("Short", messages=HELLO, options={"top_k": 9})

    asked = last_asked(fake)
    assert asked["model"] == MODEL
    assert asked["messages"] == [{"role": "system", "content": "Be short."}, *HELLO]
    assert asked["options"] == {"temperature": 0.2, "top_k": 9}


async def test_a_preset_is_heeded_by_another_kind(
    gateway: str, fake: FakeOllama
) -> None:
    async with replaying(REPLAYED) as server:
        secret = await made(with_preset, fake, server.url)
        async with client_of(gateway, secret) as client:
            reply = await client.generate("Polite", "hello", system="Be long.")

    asked = server.asked[-1].json
    assert reply.model == "Polite"
    assert [each["content"] for each in asked["messages"]] == ["Be long.", "hello"]
    assert asked["temperature"] == 0.2


async def test_a_preset_gives_a_prompt_its_system_message(
    gateway: str, fake: FakeOllama
) -> None:
    secret = await made(with_preset, fake, "http://127.0.0.1:9")
    async with client_of(gateway, secret) as client:
        await client.generate("Short", "hello")

    assert last_asked(fake)["system"] == "Be short."


def with_examples(fake: FakeOllama) -> str:
    """A preset that begins with an example, of a key that may send anything."""
    ollama_house(fake)
    text = f"FROM {MODEL}\nMESSAGE user Hi\nMESSAGE assistant Ahoy\n"
    make_preset(name="Pirate", text=text)
    return key_for(make_admin())


async def test_a_preset_with_examples_answers_a_prompt_as_a_chat(
    gateway: str, fake: FakeOllama
) -> None:
    secret = await made(with_examples, fake)
    async with client_of(gateway, secret) as client:
        text = await client.generate("Pirate", "hello")

    said = [each["content"] for each in last_asked(fake)["messages"]]
    assert (said, text.response) == (["Hi", "Ahoy", "hello"], SAID)


@pytest.mark.parametrize("fields", [{"raw": True}, {"suffix": "!"}])
async def test_what_would_go_past_a_preset_is_refused(
    gateway: str, fake: FakeOllama, fields: dict[str, Any]
) -> None:
    secret = await made(with_examples, fake)
    async with client_of(gateway, secret) as client:
        with pytest.raises(ResponseError, match=MODEL) as refused:
            await client.generate("Pirate", "hello", **fields)

    assert (refused.value.status_code, fake.asked) == (400, [])


async def test_a_failure_in_the_middle_is_the_last_line(gateway: str) -> None:
    half = Answer(REPLAYED[CHAT].body[:900], end=End.EARLY)
    async with replaying({CHAT: half}) as server:
        secret = await made(at_vllm, server.url)
        async with client_of(gateway, secret) as client:
            with pytest.raises(ResponseError, match="gpu-02"):
                async for _ in await client.chat(OTHER, messages=HELLO, stream=True):
                    pass


async def test_a_program_that_leaves_frees_the_server(gateway: str) -> None:
    half = Answer(REPLAYED[CHAT].body[:900], end=End.HANG)
    async with replaying({CHAT: half}) as server, asyncio.timeout(5):
        secret = await made(at_vllm, server.url)
        async with client_of(gateway, secret) as client:
            parts = await client.chat(OTHER, messages=HELLO, stream=True)
            await anext(parts)
            await parts.aclose()

        await server.hung_up.wait()


async def test_a_failure_before_the_first_word_has_a_status(gateway: str) -> None:
    sick = told({"error": "CUDA out of memory"}, status=500)
    async with replaying({CHAT: sick}) as server:
        secret = await made(at_vllm, server.url)
        async with client_of(gateway, secret) as client:
            with pytest.raises(ResponseError, match="CUDA") as failure:
                await client.chat(OTHER, messages=HELLO)

    assert failure.value.status_code == 502


async def test_a_member_may_not_make_a_server_load_anew(
    gateway: str, fake: FakeOllama
) -> None:
    secret = await made(at_ollama, fake)
    async with client_of(gateway, secret) as client:
        with pytest.raises(ResponseError, match=r"options\.num_ctx") as refused:
            await client.chat(MODEL, messages=HELLO, options={"num_ctx": 9000})

    assert refused.value.status_code == 400
    assert fake.asked == []


def granted(fake: FakeOllama, *names: str) -> str:
    FieldGrant.objects.create(fields=[*names])
    return at_ollama(fake)


@pytest.mark.parametrize("name", ["num_ctx", "options.num_ctx"])
async def test_an_option_may_be_granted(
    gateway: str, fake: FakeOllama, name: str
) -> None:
    secret = await made(granted, fake, name)
    async with client_of(gateway, secret) as client:
        await client.chat(MODEL, messages=HELLO, options={"num_ctx": 9000})

    assert last_asked(fake)["options"] == {"num_ctx": 9000}


def of_admin(fake: FakeOllama) -> str:
    ollama_house(fake)
    return key_for(make_admin())


async def test_an_administrator_may_send_anything(
    gateway: str, fake: FakeOllama
) -> None:
    secret = await made(of_admin, fake)
    async with client_of(gateway, secret) as client:
        await client.generate(MODEL, "hello", raw=True, keep_alive=60)

    assert (last_asked(fake)["raw"], last_asked(fake)["keep_alive"]) == (True, 60)
