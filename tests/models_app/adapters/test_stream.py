"""Passing a reply on while it comes."""

import asyncio
from contextlib import aclosing

import httpx
import pytest

from dashboard.errors import BackendRefused, BackendUnreachable
from models_app.adapters import adapter_for
from models_app.adapters.base import Finish
from models_app.adapters.client import open_client
from tests.fakes.asking import asking, finish_in, reply, text_in
from tests.fakes.replay import Answer, End, replaying
from tests.recordings import recorded

CHAT = "/v1/chat/completions"
STREAM = recorded("real-vllm-chat-stream.sse")
USAGE = STREAM.index(b'"usage"')


@pytest.mark.parametrize("end", [End.EARLY, End.RESET])
async def test_a_connection_lost_after_the_last_word_loses_nothing(end: End) -> None:
    async with replaying({CHAT: Answer(STREAM[:USAGE], end=end)}) as server:
        chunks = await reply("vllm", server.url)

    assert text_in(chunks).endswith("Paris.")
    assert finish_in(chunks).usage.completion_tokens is None


@pytest.mark.parametrize(("kind", "connections"), [("vllm", 1), ("llamacpp", 3)])
async def test_only_some_kinds_keep_a_connection_after_a_reply(
    kind: str, connections: int
) -> None:
    closing = {"Connection": "close"} if kind == "llamacpp" else {}
    answer = Answer(STREAM, headers=closing)
    async with replaying({CHAT: answer}) as server, open_client(server.url) as client:
        for _ in range(3):
            async with aclosing(
                adapter_for(kind, client, server="gpu-01").chat(asking())
            ) as chunks:
                while not isinstance(await anext(chunks), Finish):
                    pass

    assert server.connections == connections


async def test_a_server_that_hangs_up_without_a_word_is_unreachable() -> None:
    async def hang_up(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    async with await asyncio.start_server(hang_up, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        with pytest.raises(BackendUnreachable):
            await reply("vllm", f"http://127.0.0.1:{port}")


async def test_a_server_that_speaks_no_http_is_unreachable() -> None:
    async def greet(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"SSH-2.0-OpenSSH_9.9\r\n")
        writer.close()

    async with await asyncio.start_server(greet, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        with pytest.raises(BackendUnreachable, match="does not speak HTTP"):
            await reply("vllm", f"http://127.0.0.1:{port}")


async def test_any_transport_of_httpx_will_do() -> None:
    def answer(_: httpx.Request) -> httpx.Response:
        return httpx.Response(200, content=STREAM)

    transport = httpx.MockTransport(answer)
    async with httpx.AsyncClient(transport=transport, base_url="http://x") as client:
        adapter = adapter_for("vllm", client, server="gpu-01")
        chunks = [chunk async for chunk in adapter.chat(asking())]

    assert text_in(chunks).endswith("Paris.")


@pytest.mark.parametrize("kind", ["application/json", "text/html"])
async def test_a_refusal_without_an_end_is_read_as_far_as_its_words(kind: str) -> None:
    body = b'{"error": "' + b"no " * 100_000
    endless = Answer(body, status=500, kind=kind, end=End.HANG)

    async with replaying({CHAT: endless}) as server, asyncio.timeout(5):
        with pytest.raises(BackendRefused, match="no no"):
            await reply("openai", server.url)
