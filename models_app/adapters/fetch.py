"""Short questions to a server: answers that are read whole, but never without end."""

import asyncio
from contextlib import aclosing, suppress
from functools import partial
from typing import Any

import httpx

from models_app.adapters.client import SHORT
from models_app.adapters.lines import Garbled
from models_app.adapters.pacing import Read

LARGEST = 32 * 1024 * 1024
"""Bytes of the largest answer that is read: a list of thousands of models is one tenth."""
ENOUGH = 64 * 1024
"""Bytes of a refusal that are read."""
SECONDS = 10.0
"""For the whole answer: a server that sends a byte a second is as good as hung."""
ENCODED = ("content-encoding", "content-length", "transfer-encoding")


async def fetched(
    client: httpx.AsyncClient,
    path: str,
    *,
    params: dict[str, str] | None = None,
    json: dict[str, Any] | None = None,
    headers: dict[str, str] | None = None,
    seconds: float = SECONDS,
    largest: int = LARGEST,
) -> httpx.Response:
    """The whole answer, whatever its status; a POST where there is `json`.

    Raises an httpx error or `Garbled`.
    """
    method = "GET" if json is None else "POST"
    request = client.build_request(
        method, path, params=params, json=json, headers=headers, timeout=SHORT
    )
    return await answered(client, request, seconds=seconds, largest=largest)


async def answered(
    client: httpx.AsyncClient,
    request: httpx.Request,
    *,
    seconds: float | None,
    largest: int = LARGEST,
) -> httpx.Response:
    """The whole answer to a request; with `seconds` None, however long it takes."""
    try:
        async with asyncio.timeout(seconds):
            response = await client.send(request, stream=True)
            async with aclosing(response):
                return _whole(response, await _body(response, largest))
    except TimeoutError as slow:
        raise httpx.ReadTimeout("too slow", request=request) from slow


async def first_part(response: httpx.Response) -> httpx.Response:
    """The beginning of a refusal, enough for its words; the rest is not waited for."""
    pieces: list[bytes] = []
    with suppress(TimeoutError, httpx.HTTPError):
        async with asyncio.timeout(SECONDS):
            await _read(response, pieces, ENOUGH)
    return _whole(response, b"".join(pieces)[:ENOUGH])


async def _body(response: httpx.Response, largest: int) -> bytes:
    pieces: list[bytes] = []
    if await _read(response, pieces, largest) > largest:
        raise Garbled("an answer without an end")
    return b"".join(pieces)


async def _read(response: httpx.Response, pieces: list[bytes], most: int) -> int:
    """Gather a body until it ends or is longer than `most`; how long it is by then."""
    size, read = 0, reading(response)
    while piece := await read():
        pieces.append(piece)
        size += len(piece)
        if size > most:
            break
    return size


def reading(response: httpx.Response) -> Read:
    """A call for the next bytes of a body; b"" at its end."""
    read: Read | None = response.extensions.get("read")
    if read and "content-encoding" not in response.headers:
        return read
    return partial(anext, response.aiter_bytes(), b"")


def _whole(response: httpx.Response, body: bytes) -> httpx.Response:
    headers = [
        (name, value)
        for name, value in response.headers.multi_items()
        if name not in ENCODED
    ]
    return httpx.Response(
        response.status_code, headers=headers, content=body, request=response.request
    )
