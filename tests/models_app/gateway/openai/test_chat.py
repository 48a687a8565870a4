"""Chats as OpenAI's own client has them."""

import asyncio
from typing import Any

import httpx
import openai
import pytest

from dashboard.live.db import in_db
from models_app.models import ApiKey, Generation
from models_app.serving.settling import all_settled
from tests.fakes.paced import speaking
from tests.fakes.replay import Answer, End, replaying, told
from tests.make import make_preset
from tests.models_app.gateway.openai.calls import CHAT, HELLO, MODEL, ClientFor
from tests.recordings import recorded

PARIS = "The capital of France is Paris."
STREAM = recorded("real-vllm-chat-stream.sse")
NO_COUNT = told({"error": {"message": "Unknown field: stream_options"}}, status=400)
TOOLS = recorded("real-vllm-chat-tools-named-stream.sse")
WHOLE = {
    "id": "chatcmpl-1",
    "object": "chat.completion",
    "created": 1,
    "model": MODEL,
    "choices": [
        {
            "index": 0,
            "finish_reason": "stop",
            "message": {"role": "assistant", "content": PARIS},
        }
    ],
    "usage": {"prompt_tokens": 5, "completion_tokens": 7, "total_tokens": 12},
}


async def test_a_stream_comes_as_the_server_sent_it(client_for: ClientFor) -> None:
    async with replaying({CHAT: Answer(STREAM, cuts=(10, 300, 301))}) as server:
        client = await client_for(server.url)
        answer = await client.chat.completions.create(
            model=MODEL, messages=HELLO, stream=True
        )
        chunks = [chunk async for chunk in answer]

    text = "".join(c.choices[0].delta.content or "" for c in chunks)
    assert text == PARIS
    assert all(each.choices for each in chunks)
    assert server.asked[-1].json["stream_options"] == {"include_usage": True}


async def test_a_stranger_that_refuses_to_count_is_asked_again_without(
    client_for: ClientFor,
) -> None:
    async with replaying({CHAT: [NO_COUNT, Answer(STREAM)]}) as server:
        client = await client_for(server.url)
        answer = await client.chat.completions.create(
            model=MODEL, messages=HELLO, stream=True
        )
        text = [chunk.choices[0].delta.content or "" async for chunk in answer]

    assert "".join(text) == PARIS
    assert "stream_options" not in server.asked[-1].json


async def test_who_asks_for_the_tokens_hears_that_a_stranger_does_not_count(
    client_for: ClientFor,
) -> None:
    async with replaying({CHAT: NO_COUNT}) as server:
        client = await client_for(server.url)
        with pytest.raises(openai.BadRequestError, match="stream_options"):
            await client.chat.completions.create(
                model=MODEL,
                messages=HELLO,
                stream=True,
                stream_options={"include_usage": True},
            )

    assert len(server.asked) == 1


async def test_whoever_asks_for_the_tokens_is_told_them(client_for: ClientFor) -> None:
    async with replaying({CHAT: Answer(STREAM)}) as server:
        client = await client_for(server.url)
        answer = await client.chat.completions.create(
            model=MODEL,
            messages=HELLO,
            stream=True,
            stream_options={"include_usage": True},
        )
        chunks = [chunk async for chunk in answer]

    assert chunks[-1].choices == []
    assert chunks[-1].usage
    assert chunks[-1].usage.completion_tokens


async def test_an_answer_comes_whole_and_stands_in_the_ledger(
    client_for: ClientFor,
) -> None:
    async with replaying({CHAT: told(WHOLE)}) as server:
        client = await client_for(server.url)
        answer = await client.chat.completions.with_raw_response.create(
            model=MODEL, messages=HELLO, temperature=0.5, seed=7
        )
        await all_settled()
    row = await in_db(Generation.objects.select_related("person", "key").get)()

    assert answer.parse().choices[0].message.content == PARIS
    assert int(answer.headers["content-length"]) == len(answer.content)
    assert answer.headers["x-paddock-server"] == "gpu-0"
    assert answer.headers["x-paddock-ticket"] == row.ticket
    asked = server.asked[-1].json
    assert (asked["temperature"], asked["seed"]) == (0.5, 7)
    assert (str(row.person), row.origin, row.status) == ("olive", "api", "done")
    assert (row.prompt_tokens, row.completion_tokens) == (5, 7)
    assert row.key == await in_db(ApiKey.objects.get)()
    assert row.first_token_ms is None


async def test_tools_pass_in_both_directions(client_for: ClientFor) -> None:
    tool: Any = {
        "type": "function",
        "function": {"name": "get_weather", "parameters": {"type": "object"}},
    }
    async with replaying({CHAT: Answer(TOOLS)}) as server:
        client = await client_for(server.url)
        answer = await client.chat.completions.create(
            model=MODEL, messages=HELLO, tools=[tool], logprobs=True, stream=True
        )
        assert isinstance(answer, openai.AsyncStream)
        calls = [
            call
            async for chunk in answer
            for each in chunk.choices
            for call in each.delta.tool_calls or ()
        ]

    assert calls[0].function
    assert server.asked[-1].json["tools"] == [tool]
    assert server.asked[-1].json["logprobs"] is True


async def test_a_preset_is_a_model_whose_words_come_first(
    client_for: ClientFor,
) -> None:
    async with replaying({CHAT: told(WHOLE)}) as server:
        client = await client_for(server.url)
        wanted = {"model": MODEL, "system": "Be brief.", "parameters": {"top_p": 0.3}}
        await in_db(make_preset)(name="Brief", **wanted)
        await client.chat.completions.create(model="brief", messages=HELLO)
        own = [{"role": "system", "content": "Be long."}, *HELLO]
        await client.chat.completions.create(model="brief", messages=own, top_p=0.9)
    first, second = (each.json for each in server.asked[-2:])

    assert first["model"] == MODEL
    assert [each["content"] for each in first["messages"]] == ["Be brief.", "hello"]
    assert first["top_p"] == 0.3
    assert second["messages"] == own
    assert second["top_p"] == 0.9


async def test_a_caller_who_leaves_frees_the_server(client_for: ClientFor) -> None:
    hangs = Answer(STREAM[:600], end=End.HANG)
    async with replaying({CHAT: hangs}) as server:
        client = await client_for(server.url)
        answer = await client.chat.completions.create(
            model=MODEL, messages=HELLO, stream=True
        )
        await anext(aiter(answer))
        await answer.close()
        await asyncio.wait_for(server.hung_up.wait(), 5)
        await all_settled()

    row = await in_db(Generation.objects.get)()
    assert (row.status, row.prompt_tokens) == ("stopped", len(HELLO[0]["content"]) // 4)


async def test_a_caller_who_leaves_before_the_first_word_does_too(
    client_for: ClientFor,
) -> None:
    async with replaying({CHAT: Answer(end=End.HANG)}) as server:
        client = await client_for(server.url)
        with pytest.raises(openai.APITimeoutError):
            await client.with_options(timeout=0.5).chat.completions.create(
                model=MODEL, messages=HELLO, stream=True
            )
        await asyncio.wait_for(server.hung_up.wait(), 5)


async def test_a_server_that_refuses_is_passed_over(client_for: ClientFor) -> None:
    with speaking() as url:
        client = await client_for("http://127.0.0.1:9", url)
        answer = await client.chat.completions.with_raw_response.create(
            model=MODEL, messages=HELLO, stream=True
        )

        assert answer.headers["x-paddock-server"] == "gpu-1"
        await answer.http_response.aclose()


async def test_a_body_is_read_as_json_whatever_it_says_it_is(
    client_for: ClientFor, gateway: str
) -> None:
    async with replaying({CHAT: told(WHOLE)}) as server:
        client = await client_for(server.url)
        async with httpx.AsyncClient(base_url=gateway) as http:
            answer = await http.post(
                f"/key/{client.api_key}{CHAT}",
                content=b'{"model": "tiny", "messages": [{"role": "user"}]}',
            )

    assert answer.json()["choices"][0]["message"]["content"] == PARIS
