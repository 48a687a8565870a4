"""Clients, and the addresses that people type."""

import asyncio
import zlib
from contextlib import AsyncExitStack

import pytest

from models_app.adapters.client import open_client, root_of
from models_app.adapters.stream import post
from tests.fakes.asking import reply
from tests.fakes.replay import Answer, End, replaying, told
from tests.recordings import recorded


@pytest.mark.parametrize(
    ("typed", "root"),
    [
        ("localhost:11434", "http://localhost:11434"),
        (" http://GPU-01:8000/v1/ ", "http://gpu-01:8000"),
        ("https://example.org/llm/api/v1?x=1#y", "https://example.org/llm"),
        ("http://gpu-01/api", "http://gpu-01"),
        ("http://gpu-01/openai/v1", "http://gpu-01/openai"),
        ("http://gpu-01/myapi", "http://gpu-01/myapi"),
        ("http://[::1]:8080/v1", "http://[::1]:8080"),
        ("192.168.1.20", "http://192.168.1.20"),
    ],
)
def test_an_address_is_brought_to_its_root(typed: str, root: str) -> None:
    assert root_of(typed) == root
    assert root_of(root) == root


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("", "no address"),
        ("http://", "no address"),
        ("two words", "no address"),
        ("gpu-01:99999", "no address"),
        ("javascript:alert(1)", "no address"),
        ("ftp://gpu-01", "begin with http"),
        ("http://user:secret@gpu-01", "own field"),
    ],
)
def test_garbage_is_refused_with_a_sentence(typed: str, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        root_of(typed)


async def test_the_key_goes_with_every_request_and_with_no_redirect() -> None:
    async with replaying({}) as other:
        away = Answer(status=307, headers={"Location": f"{other.url}/v1/models"})
        async with (
            replaying({"/v1/models": away}) as server,
            open_client(server.url, key=" secret\n") as client,
        ):
            response = await client.get("/v1/models")

    assert response.status_code == 307
    assert server.asked[0].headers["authorization"] == "Bearer secret"
    assert other.asked == []


async def test_without_a_key_nothing_is_claimed() -> None:
    async with replaying({"/": told({})}) as server, open_client(server.url) as client:
        await client.get("/")

    assert "authorization" not in server.asked[0].headers


async def test_a_key_that_no_header_can_carry_is_no_accident() -> None:
    async with (
        replaying({"/": told({})}) as server,
        open_client(server.url, key="ключ") as client,
    ):
        await client.get("/")

    assert server.asked[0].headers["authorization"] == "Bearer ????"


async def test_a_path_before_the_api_is_kept() -> None:
    async with (
        replaying({"/llm/v1/models": told({"data": []})}) as server,
        open_client(f"{server.url}/llm") as client,
    ):
        response = await client.get("/v1/models")

    assert response.is_success


async def test_a_hundred_streams_do_not_keep_the_next_one_waiting() -> None:
    hanging = Answer(b"data: {}\n\n", end=End.HANG)
    async with (
        replaying({"/": hanging}) as server,
        open_client(server.url) as client,
        AsyncExitStack() as streams,
        asyncio.timeout(10),
    ):
        for _ in range(130):
            await streams.enter_async_context(client.stream("GET", "/"))

    assert server.connections == 130


async def test_a_connection_is_used_again_after_a_whole_reply() -> None:
    stream = Answer(recorded("real-vllm-chat-stream.sse"))
    async with replaying({"/": stream}) as server, open_client(server.url) as client:
        for _ in range(3):
            await client.get("/")

    assert server.connections == 1


async def test_a_compressed_reply_is_read_all_the_same() -> None:
    packed = zlib.compress(recorded("real-vllm-chat-stream.sse"))
    answer = Answer(packed, headers={"Content-Encoding": "deflate"})

    async with replaying({"/v1/chat/completions": answer}) as server:
        assert await reply("vllm", server.url)


async def test_what_a_server_sets_for_one_does_not_go_out_with_the_words_of_another() -> (
    None
):
    sets = Answer(b"{}", headers={"Set-Cookie": "session=olive; Path=/"})
    async with replaying({"/": sets}) as server:
        # Of an address in numbers, cookies are kept by nobody.
        named = server.url.replace("127.0.0.1", "localhost")
        async with open_client(named) as client:
            await client.get("/")
            await client.send(post(client, "/", b"{}", keep=True))

    assert [each.headers.get("cookie") for each in server.asked] == [None, None]


async def test_a_question_goes_below_the_path_of_its_server() -> None:
    async with (
        replaying({"/llm/v1/chat": told({})}) as server,
        open_client(f"{server.url}/llm") as client,
    ):
        response = await client.send(post(client, "/v1/chat", b"{}", keep=True))

    assert response.is_success
