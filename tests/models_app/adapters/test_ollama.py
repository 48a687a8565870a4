"""Asking Ollama."""

import pytest

from dashboard.errors import BackendBroken
from models_app.adapters.base import ChatRequest, Chunk, ModelFacts
from models_app.adapters.client import open_client
from models_app.adapters.ollama import OllamaAdapter
from tests.fakes.asking import asking, reply, text_in
from tests.fakes.replay import Answer, replaying
from tests.recordings import recorded

STREAM = Answer(recorded("real-ollama-chat-stream.ndjson"), kind="application/x-ndjson")


async def asked_with(request: ChatRequest) -> dict[str, object]:
    async with replaying({"/api/chat": STREAM}) as server:
        await reply("ollama", server.url, request)
    return dict(server.asked[0].json)


async def models_in(body: bytes) -> list[ModelFacts]:
    answer = Answer(body, kind="application/json")
    async with replaying({"/api/tags": answer}) as server, open_client(server.url) as c:
        return await OllamaAdapter(c, server="gpu-01").list_models()


async def test_no_option_is_sent_that_nobody_set() -> None:
    assert await asked_with(asking()) == {
        "model": "tiny",
        "messages": [{"role": "user", "content": "hello"}],
        "stream": True,
    }


async def test_options_keep_their_names() -> None:
    body = await asked_with(asking(num_ctx=8192, seed=-1, stop=("a",), keep_alive=5))

    assert body["options"] == {"num_ctx": 8192, "seed": -1, "stop": ["a"]}


async def test_a_model_is_told_as_ollama_tells_it() -> None:
    first, *_ = await models_in(recorded("ollama-tags.json"))

    assert first == ModelFacts(
        name="qwen3:1.7b",
        context=40960,
        size=1359293444,
        quantization="Q4_K_M",
        family="qwen3",
        parameters="2.0B",
        capabilities=frozenset({"completion", "tools", "thinking"}),
    )


async def test_an_older_server_tells_less() -> None:
    facts = {each.name: each for each in await models_in(recorded("ollama-tags.json"))}

    older = facts["hf.co/example-user/Tiny-Chat-GGUF:Q4_K_M"]

    assert (older.context, older.capabilities) == (None, frozenset())


async def test_a_model_that_runs_elsewhere_is_marked() -> None:
    facts = {each.name: each for each in await models_in(recorded("ollama-tags.json"))}

    assert "cloud" in facts["gpt-oss:120b-cloud"].capabilities


async def test_no_models_are_an_empty_list() -> None:
    assert await models_in(b'{"models":[]}') == []
    assert await models_in(b'{"models":null}') == []


async def test_an_error_in_the_middle_is_broken_with_the_servers_words() -> None:
    killed = Answer(recorded("real-ollama-chat-runner-killed.ndjson"))
    chunks: list[Chunk] = []

    async with replaying({"/api/chat": killed}) as server:
        with pytest.raises(BackendBroken, match="exceeds the available context size"):
            await reply("ollama", server.url, into=chunks)

    assert text_in(chunks).endswith("noble knight")
