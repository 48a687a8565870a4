"""What every kind of adapter makes of a chat, over real sockets."""

import asyncio
import json
from contextlib import aclosing
from dataclasses import replace
from typing import Any

import httpx
import pytest

from models_app.adapters import ADAPTERS, adapter_for
from models_app.adapters.base import (
    Can,
    ChatMessage,
    Chunk,
    Text,
    ToolCall,
)
from models_app.adapters.client import open_client
from models_app.adapters.openai_body import GO_ON
from tests.fakes.asking import finish_in, reasoning_in, reply, text_in
from tests.fakes.replay import Answer, End, replaying
from tests.models_app.adapters.chats import (
    ANSWER,
    CALL,
    CHANNELS,
    CHATS,
    LOOK,
    WEATHER,
    Channel,
    Chat,
)
from tests.recordings import recorded

DAYS = ChatMessage("user", "Days?")
HALF = ChatMessage("assistant", "Monday, Tues")
FLAGS = ("continue_final_message", "add_generation_prompt")
WHOLE = {
    each.path: Answer(each.dialect.said("a") + each.dialect.end)
    for each in CHANNELS.values()
}

every_chat = pytest.mark.parametrize("chat", CHATS.values(), ids=CHATS)
every_channel = pytest.mark.parametrize("channel", CHANNELS.values(), ids=CHANNELS)
every_kind = pytest.mark.parametrize("kind", ADAPTERS)


async def asked_for(channel: Channel, *messages: ChatMessage, **more: Any) -> Any:
    """What the server is asked, as JSON, when these messages are sent."""
    request = replace(channel.request, messages=messages, **more)
    async with replaying(WHOLE) as server:
        await reply(channel.kind, server.url, request)
    return server.asked[0].json


def channel_of(kind: str) -> Channel:
    """The one that takes a whole conversation."""
    return next(each for each in reversed(CHANNELS.values()) if each.kind == kind)


def calls_in(chunks: list[Chunk]) -> tuple[ToolCall, ...]:
    return tuple(each for each in chunks if isinstance(each, ToolCall))


def test_each_kind_has_a_recorded_reply() -> None:
    assert {each.channel.kind for each in CHATS.values()} == ADAPTERS.keys()


@every_chat
@pytest.mark.parametrize("pace", [None, 1, 7])
async def test_a_reply_is_read_whole_wherever_it_is_cut(
    chat: Chat, pace: int | None
) -> None:
    stream = recorded(chat.recording)
    answer = Answer(stream, cuts=range(1, len(stream), pace) if pace else ())
    async with replaying({chat.channel.path: answer}) as server:
        chunks = await reply(chat.channel.kind, server.url, chat.channel.request)

    assert text_in(chunks) == chat.text
    assert reasoning_in(chunks) == chat.reasoning
    assert calls_in(chunks) == chat.calls
    assert finish_in(chunks) == chat.finish


@every_kind
def test_a_kind_that_can_use_tools_has_shown_it(kind: str) -> None:
    shown = any(each.calls for each in CHATS.values() if each.channel.kind == kind)

    assert shown == (Can.TOOLS in ADAPTERS[kind].can)


@every_chat
def test_arguments_are_json_at_the_end(chat: Chat) -> None:
    assert all(json.loads(each.arguments) for each in chat.calls)


@every_channel
async def test_each_piece_is_passed_on_before_the_next_comes(channel: Channel) -> None:
    answer = Answer(channel.dialect.said("a", "b"), end=End.HANG)
    async with (
        replaying({channel.path: answer}) as server,
        open_client(server.url) as client,
        asyncio.timeout(2),
    ):
        adapter = adapter_for(channel.kind, client, server="gpu-01")
        async with aclosing(adapter.chat(channel.request)) as chunks:
            assert [await anext(chunks), await anext(chunks)] == [Text("a"), Text("b")]
            assert not server.hung_up.is_set()
        await server.hung_up.wait()


async def read_on(channel: Channel, client: httpx.AsyncClient) -> None:
    adapter = adapter_for(channel.kind, client, server="gpu-01")
    async with aclosing(adapter.chat(channel.request)) as chunks:
        async for _ in chunks:
            pass


@every_channel
@pytest.mark.parametrize("sent", [(), ("a", "b")])
async def test_cancelling_the_reader_hangs_up_on_the_server(
    channel: Channel, sent: tuple[str, ...]
) -> None:
    answer = Answer(channel.dialect.said(*sent), end=End.HANG)
    async with (
        replaying({channel.path: answer}) as server,
        open_client(server.url) as client,
        asyncio.timeout(5),
    ):
        reader = asyncio.create_task(read_on(channel, client))
        while not server.asked:
            await asyncio.sleep(0.01)
        reader.cancel()
        with pytest.raises(asyncio.CancelledError):
            await reader
        await server.hung_up.wait()


@every_channel
async def test_a_stream_left_open_after_its_end_is_not_waited_for(
    channel: Channel,
) -> None:
    whole = channel.dialect.said("a") + channel.dialect.end
    async with replaying({channel.path: Answer(whole, end=End.HANG)}) as server:
        async with asyncio.timeout(2):
            assert finish_in(await reply(channel.kind, server.url, channel.request))


@every_channel
async def test_any_text_at_all_can_be_asked(channel: Channel) -> None:
    odd = "日本\ud800\0\u2028"

    body = await asked_for(channel, ChatMessage("user", odd))

    said = body["messages"][0]["content"] if "messages" in body else body["input"]
    assert said == odd


@every_kind
async def test_pictures_are_sent_in_the_kinds_own_form(kind: str) -> None:
    channel = channel_of(kind)

    assert (await asked_for(channel, LOOK))["messages"] == [channel.forms.look]


@every_kind
async def test_tools_are_offered_in_the_form_that_all_kinds_share(kind: str) -> None:
    hello = ChatMessage("user", "hello")

    body = await asked_for(channel_of(kind), hello, tools=(WEATHER,))
    without = await asked_for(channel_of(kind), hello, tools=())

    (tool,) = body["tools"]
    assert (tool["type"], tool["function"]["name"]) == ("function", "get_weather")
    assert tool["function"]["parameters"] == {"type": "object"}
    assert "tools" not in without


@every_kind
async def test_calls_and_their_answers_are_sent_back_in_the_kinds_own_form(
    kind: str,
) -> None:
    channel = channel_of(kind)

    body = await asked_for(channel, ChatMessage("user", "?"), CALL, ANSWER)

    assert body["messages"][1:] == [channel.forms.call, channel.forms.answer]


@every_kind
async def test_a_reply_that_broke_off_is_gone_on_with_in_the_kinds_own_form(
    kind: str,
) -> None:
    flags = channel_of(kind).forms.go_on

    body = await asked_for(channel_of(kind), DAYS, HALF, go_on=True)

    assert (flags is not None) == (Can.CONTINUE in ADAPTERS[kind].can)
    in_words = [{"role": "user", "content": GO_ON}] if flags is None else []
    assert body["messages"] == [
        {"role": "user", "content": DAYS.text},
        {"role": "assistant", "content": HALF.text},
        *in_words,
    ]
    assert {name: body[name] for name in FLAGS if name in body} == (flags or {})


@every_kind
async def test_a_question_that_starts_anew_carries_no_flag_to_go_on(kind: str) -> None:
    body = await asked_for(channel_of(kind), ChatMessage("user", "hello"))

    assert not {*FLAGS} & body.keys()
