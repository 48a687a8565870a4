"""Presets whose parameters OpenAI's dialect has no words for, at servers that have some."""

from collections.abc import Iterator
from typing import Any

import openai
import pytest
from openai import AsyncOpenAI

from dashboard.live.db import in_db
from models_app.models import FieldGrant, Generation
from models_app.serving.settling import all_settled
from tests.fakes.ollama import ollama
from tests.fakes.ollama_said import WORDS
from tests.fakes.ollama_state import FakeOllama
from tests.fakes.replay import Answer, End, replaying
from tests.make import make_preset
from tests.models_app.gateway.openai.calls import CHAT, HELLO, MODEL, ClientFor
from tests.recordings import recorded

SAID = "".join(WORDS)
DEEP: dict[str, Any] = {"num_ctx": 9000, "top_k": 3, "temperature": 0.2}
OWN_CHAT = "/api/chat"
NATIVE_CHAT = "/api/v1/chat"
TOOL: Any = {
    "type": "function",
    "function": {"name": "get_weather", "parameters": {"type": "object"}},
}


@pytest.fixture
def fake() -> Iterator[FakeOllama]:
    with ollama() as running:
        running.hold(MODEL)
        yield running


async def with_preset(
    client_for: ClientFor, url: str, kind: str = "ollama", **parameters: Any
) -> AsyncOpenAI:
    """A client whose person has a preset of the model, with the parameters `DEEP`."""
    client = await client_for(url, kind=kind)
    wanted = {"model": MODEL, "system": "Be brief.", "parameters": parameters or DEEP}
    await in_db(make_preset)(name="Deep", **wanted)
    return client


async def asked(client: AsyncOpenAI, **more: Any) -> Any:
    wanted = {"model": "Deep", "messages": HELLO, **more}
    return await client.chat.completions.create(**wanted)


async def test_a_stream_is_asked_for_with_all_parameters(
    client_for: ClientFor, fake: FakeOllama
) -> None:
    client = await with_preset(client_for, fake.url)
    chunks = [each async for each in await asked(client, stream=True)]

    assert "".join(each.choices[0].delta.content or "" for each in chunks) == SAID
    assert chunks[-1].choices[0].finish_reason == "stop"
    assert (fake.asked[-1].path, fake.asked[-1].body["options"]) == (OWN_CHAT, DEEP)
    said = [each["content"] for each in fake.asked[-1].body["messages"]]
    assert said == ["Be brief.", "hello"]


async def test_an_answer_comes_whole_and_stands_in_the_ledger(
    client_for: ClientFor, fake: FakeOllama
) -> None:
    client = await with_preset(client_for, fake.url)
    raw = await client.chat.completions.with_raw_response.create(
        model="Deep", messages=HELLO
    )
    answer = raw.parse()
    await all_settled()
    row = await in_db(Generation.objects.get)()

    assert (answer.choices[0].message.content, answer.model) == (SAID, "Deep")
    assert answer.usage
    assert (row.status, row.completion_tokens) == ("done", 3)
    assert answer.usage.completion_tokens == 3
    assert answer.id == f"chatcmpl-{row.ticket}"
    assert raw.headers["x-paddock-ticket"] == row.ticket


async def test_the_tokens_are_told_to_whoever_asks(
    client_for: ClientFor, fake: FakeOllama
) -> None:
    client = await with_preset(client_for, fake.url)
    options = {"include_usage": True}
    stream = await asked(client, stream=True, stream_options=options)
    chunks = [each async for each in stream]

    assert chunks[-1].choices == []
    assert chunks[-1].usage.completion_tokens == 3


@pytest.mark.parametrize("stream", [True, False])
async def test_tools_pass_in_both_directions(
    client_for: ClientFor, fake: FakeOllama, stream: bool
) -> None:
    client = await with_preset(client_for, fake.url)
    answer = await asked(client, tools=[TOOL], stream=stream)
    if stream:
        parts = [each.choices[0] async for each in answer]
        calls = [call for each in parts for call in each.delta.tool_calls or ()]
    else:
        parts = answer.choices
        calls = parts[0].message.tool_calls

    assert [each.function.name for each in calls] == ["get_weather"]
    assert calls[0].function.arguments == '{"city": "Oslo"}'
    assert parts[-1].finish_reason == "tool_calls"
    assert fake.asked[-1].body["options"] == DEEP


async def test_what_a_program_says_itself_goes_before(
    client_for: ClientFor, fake: FakeOllama
) -> None:
    client = await with_preset(client_for, fake.url, num_predict=9, **DEEP)
    own = [{"role": "developer", "content": "Be long."}, *HELLO]
    await asked(client, messages=own, max_completion_tokens=4, temperature=0.7)

    body = fake.asked[-1].body
    assert body["options"] == {**DEEP, "num_predict": 4, "temperature": 0.7}
    assert [each["content"] for each in body["messages"]] == ["Be long.", "hello"]


async def test_formats_and_efforts_are_said_as_ollama_has_them(
    client_for: ClientFor, fake: FakeOllama
) -> None:
    client = await with_preset(client_for, fake.url)
    await asked(
        client, response_format={"type": "json_object"}, reasoning_effort="none"
    )

    assert (fake.asked[-1].body["format"], fake.asked[-1].body["think"]) == (
        *("json", False),
    )


@pytest.mark.parametrize(
    ("parameters", "more"),
    [
        (DEEP, {"logprobs": True}),
        (DEEP, {"tool_choice": "required", "tools": [TOOL]}),
        ({"temperature": 0.2}, {}),
        ({"num_ctx": 9000}, {"extra_body": {"num_ctx": 5000}, "n": 2}),
    ],
)
async def test_a_question_goes_as_it_came_where_it_must_or_can(
    client_for: ClientFor, parameters: dict[str, Any], more: dict[str, Any]
) -> None:
    body = recorded("real-ollama-v1-chat-stream.sse")
    async with replaying({CHAT: Answer(body)}) as server:
        client = await with_preset(client_for, server.url, **parameters)
        await in_db(FieldGrant.objects.create)(fields=["num_ctx"])
        async for _ in await asked(client, stream=True, **more):
            pass

    told = server.asked[-1].json
    assert told.keys() >= more.keys() - {"extra_body"}
    assert told.get("temperature") == parameters.get("temperature")
    assert "options" not in told


async def test_reasoning_comes_beside_the_text(client_for: ClientFor) -> None:
    lines = recorded("real-ollama-chat-thinking-stream.ndjson")
    thinks = Answer(lines, kind="application/x-ndjson", cuts=(100, 101, 400))
    async with replaying({OWN_CHAT: thinks}) as server:
        client = await with_preset(client_for, server.url)
        deltas = [
            each.choices[0].delta async for each in await asked(client, stream=True)
        ]
        message = (await asked(client)).choices[0].message

    thoughts = [getattr(each, "reasoning_content", None) or "" for each in deltas]
    assert "".join(thoughts) == message.reasoning_content != ""
    assert "".join(each.content or "" for each in deltas) == message.content != ""


async def test_a_stream_that_breaks_says_so_in_the_middle(
    client_for: ClientFor,
) -> None:
    half = recorded("real-ollama-chat-stream.ndjson")[:700]
    cut = Answer(half, kind="application/x-ndjson", end=End.EARLY)
    async with replaying({OWN_CHAT: cut}) as server:
        client = await with_preset(client_for, server.url)
        answer = await asked(client, stream=True)
        with pytest.raises(openai.APIError, match="gpu-0 broke off"):
            async for _ in answer:
                pass


async def test_the_first_question_sets_the_window_of_an_lm_studio(
    client_for: ClientFor,
) -> None:
    native = Answer(recorded("lmstudio-chat-stream.sse"))
    async with replaying({NATIVE_CHAT: native}) as server:
        client = await with_preset(client_for, server.url, "lmstudio")
        answer = await asked(client)

    assert answer.choices[0].message.content == "Oslo."
    assert answer.choices[0].message.reasoning_content == "Capital question."
    assert server.asked[-1].json["context_length"] == 9000


async def test_a_limit_of_the_program_takes_the_place_of_the_presets(
    client_for: ClientFor,
) -> None:
    body = recorded("real-vllm-chat-stream.sse")
    async with replaying({CHAT: Answer(body)}) as server:
        client = await with_preset(client_for, server.url, "vllm", num_predict=9)
        async for _ in await asked(client, stream=True, max_completion_tokens=4):
            pass

    assert "max_tokens" not in server.asked[-1].json
    assert server.asked[-1].json["max_completion_tokens"] == 4
