"""Asking Ollama."""

from typing import Any

import pytest

from dashboard.errors import BackendBroken, ModelGone
from models_app.adapters.base import (
    ChatMessage,
    ChatRequest,
    Chunk,
    ModelFacts,
    ToolCall,
)
from models_app.adapters.client import open_client
from models_app.adapters.ollama import OllamaAdapter
from tests.fakes.asking import asking, reply, text_in
from tests.fakes.replay import Answer, replaying
from tests.models_app.adapters.servers import case, filed
from tests.recordings import recorded

STREAM = Answer(recorded("real-ollama-chat-stream.ndjson"), kind="application/x-ndjson")


async def asked_with(request: ChatRequest) -> dict[str, Any]:
    async with replaying({"/api/chat": STREAM}) as server:
        await reply("ollama", server.url, request)
    return dict(server.asked[0].json)


async def test_no_option_is_sent_that_nobody_set() -> None:
    assert await asked_with(asking()) == {
        "model": "tiny",
        "messages": [{"role": "user", "content": "hello"}],
        "stream": True,
    }


async def test_options_keep_their_names() -> None:
    body = await asked_with(asking(num_ctx=8192, seed=-1, stop=("a",), keep_alive=5))

    assert body["options"] == {"num_ctx": 8192, "seed": -1, "stop": ["a"]}


async def test_an_error_in_the_middle_is_broken_with_the_servers_words() -> None:
    killed = Answer(recorded("real-ollama-chat-runner-killed.ndjson"))
    chunks: list[Chunk] = []

    async with replaying({"/api/chat": killed}) as server:
        with pytest.raises(BackendBroken, match="exceeds the available context size"):
            await reply("ollama", server.url, into=chunks)

    assert text_in(chunks).endswith("noble knight")


async def test_details_are_asked_for_without_the_vocabulary() -> None:
    show = filed("ollama-show.json")
    async with replaying({"/api/show": show}) as server, open_client(server.url) as c:
        facts = await OllamaAdapter(c, server="gpu-01").describe(ModelFacts("qwen3"))

    assert server.asked[0].json == {"model": "qwen3", "verbose": False}
    assert (facts.name, facts.context) == ("qwen3", 40960)
    assert facts.capabilities == {"completion", "tools", "thinking"}


async def test_details_of_a_model_that_is_gone_say_so() -> None:
    gone = case("real-ollama-show.json", "show, missing")
    async with replaying({"/api/show": gone}) as server, open_client(server.url) as c:
        with pytest.raises(ModelGone, match="'nope:latest' not found"):
            await OllamaAdapter(c, server="gpu-01").describe(ModelFacts("nope"))


async def test_arguments_that_are_no_object_are_left_out_of_a_call() -> None:
    called = ChatMessage("assistant", "", calls=(ToolCall("a", "look", '"gaben"'),))

    body = await asked_with(ChatRequest("tiny", (called,)))

    (message,) = body["messages"]
    assert message["tool_calls"] == [
        {"id": "a", "function": {"name": "look", "arguments": {}}}
    ]


async def test_what_was_thought_before_a_reply_is_told_again() -> None:
    thought = ChatMessage("assistant", "Oslo.", thinking="Hm")

    body = await asked_with(ChatRequest("tiny", (thought,)))

    (message,) = body["messages"]
    assert message == {"role": "assistant", "content": "Oslo.", "thinking": "Hm"}
