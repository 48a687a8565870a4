"""Short questions, and answers that do not end."""

import asyncio
import zlib

import httpx
import pytest

from models_app.adapters.client import open_client
from models_app.adapters.fetch import fetched
from models_app.adapters.lines import Garbled
from tests.fakes.replay import Answer, End, replaying, told


async def test_a_body_without_an_end_is_cut() -> None:
    endless = Answer(b"[", end=End.DRIP)
    async with (
        replaying({"/": endless}) as server,
        open_client(server.url) as client,
        asyncio.timeout(5),
    ):
        with pytest.raises(Garbled, match="without an end"):
            await fetched(client, "/", largest=100)
        await server.hung_up.wait()


async def test_a_small_body_that_unpacks_to_a_large_one_is_cut() -> None:
    packed = zlib.compress(b" " * 1_000_000)
    bomb = Answer(packed, headers={"Content-Encoding": "deflate"})
    async with replaying({"/": bomb}) as server, open_client(server.url) as client:
        with pytest.raises(Garbled, match="without an end"):
            await fetched(client, "/", largest=2000)


@pytest.mark.parametrize("end", [End.HANG, End.DRIP])
async def test_a_server_that_dawdles_is_given_up_in_time(end: End) -> None:
    slow = Answer(b"[", end=end)
    async with (
        replaying({"/": slow}) as server,
        open_client(server.url) as client,
        asyncio.timeout(5),
    ):
        with pytest.raises(httpx.ReadTimeout):
            await fetched(client, "/", seconds=0.05)
        await server.hung_up.wait()


async def test_an_answer_is_whole_whatever_its_status() -> None:
    async with (
        replaying({"/": told({"a": 1}, status=418)}) as server,
        open_client(server.url) as client,
    ):
        response = await fetched(client, "/")

    assert (response.status_code, response.json()) == (418, {"a": 1})


async def test_a_packed_answer_is_unpacked_once() -> None:
    answer = Answer(zlib.compress(b"{}"), headers={"Content-Encoding": "deflate"})
    async with replaying({"/": answer}) as server, open_client(server.url) as client:
        response = await fetched(client, "/")

    assert response.json() == {}
    assert "content-encoding" not in response.headers


async def test_a_question_with_json_is_posted() -> None:
    async with replaying({"/": told({})}) as server, open_client(server.url) as client:
        await fetched(client, "/", json={"model": "tiny"})

    assert (server.asked[0].method, server.asked[0].json) == ("POST", {"model": "tiny"})
