"""Asking for a reply and passing it on while it comes: what all kinds have in common."""

import asyncio
import json
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator
from contextlib import aclosing, suppress
from typing import Any, Protocol, TypeVar

import httpx

from dashboard.errors import BackendBroken
from models_app.adapters.base import Chunk, Finish
from models_app.adapters.client import joined
from models_app.adapters.failures import backend_errors, trouble
from models_app.adapters.fetch import first_part, reading
from models_app.adapters.lines import Garbled
from models_app.adapters.pacing import Read, paced

SENSELESS = "it sent something that makes no sense here"
NONSENSE = (ValueError, LookupError, TypeError, AttributeError, RecursionError)
END_SECONDS = 0.05

T = TypeVar("T")


class Reader(Protocol):
    """Turns the bytes of one reply into chunks; pure, and used once."""

    finished: bool
    """Nothing more has to be read: the `Finish` is among the chunks of the last piece."""

    @property
    def whole(self) -> bool:
        """The reply is complete, whatever else may still follow."""
        ...

    def feed(self, piece: bytes) -> Iterator[Chunk]:
        """The chunks in these bytes; b"" is the end of the stream.

        Raises `Garbled`, or whatever Python says of JSON of a wrong shape.
        """
        ...


async def relay(
    server: str, ask: Callable[[], Awaitable[httpx.Response]], reader: Reader
) -> AsyncGenerator[Chunk, None]:
    """The chunks of the reply that `ask` opens; closing this hangs up on the server."""
    with backend_errors(server):
        async with aclosing(await ask()) as response:
            next_bytes = reading(response)
            read = paced(next_bytes)
            while not reader.finished:
                try:
                    piece = await read()
                except httpx.RequestError as cut:
                    if not reader.whole:
                        raise BackendBroken(server=server, detail=trouble(cut)) from cut
                    piece = b""
                for chunk in in_our_words(reader.feed(piece)):
                    if isinstance(chunk, Finish):
                        await let_end(next_bytes)
                    yield chunk


async def opened(
    client: httpx.AsyncClient,
    path: str,
    body: dict[str, Any],
    *,
    no_stream: tuple[str, ...],
    keep: bool,
) -> httpx.Response:
    """The response to a POST, not yet read; whoever asks closes it.

    An error, or an answer of a type in `no_stream`, raises `HTTPStatusError` with the
    beginning of the body read. `keep` lets the connection be used again. The body goes
    out as ASCII: so no text at all can fail to be sent.
    """
    request = post(client, path, json.dumps(body).encode(), keep=keep)
    return await started(client, request, no_stream=no_stream)


def post(
    client: httpx.AsyncClient, path: str, content: bytes, *, keep: bool
) -> httpx.Request:
    """A question in JSON; `keep` lets its connection be used again."""
    headers = {"Content-Type": "application/json"}
    if not keep:
        headers["Connection"] = "close"
    address = joined(client.base_url, path)
    return client.build_request("POST", address, content=content, headers=headers)


async def listening(client: httpx.AsyncClient, path: str) -> httpx.Response:
    """The response to a GET for events, not yet read; whoever asks closes it."""
    headers = {"Accept": "text/event-stream", "Connection": "close"}
    request = client.build_request("GET", path, headers=headers)
    no_stream = ("text/html", "application/json")
    return await started(client, request, no_stream=no_stream)


async def started(
    client: httpx.AsyncClient, request: httpx.Request, *, no_stream: tuple[str, ...]
) -> httpx.Response:
    """The response, not yet read; an error, or a type in `no_stream`, is raised."""
    response = await client.send(request, stream=True)
    kind = response.headers.get("content-type", "")
    if response.is_success and not kind.startswith(no_stream):
        return response
    async with aclosing(response):
        raise refusal(await first_part(response))


def refusal(response: httpx.Response) -> httpx.HTTPStatusError:
    """The error for an answer that is not what was asked for, even with status 200."""
    return httpx.HTTPStatusError("refused", request=response.request, response=response)


async def let_end(read: Read) -> None:
    """Wait a moment for the body to end: only then can its connection be used again."""
    with suppress(httpx.RequestError, TimeoutError):
        async with asyncio.timeout(END_SECONDS):
            while await read():
                pass


def in_our_words(chunks: Iterator[T]) -> Iterator[T]:
    """The same, with whatever Python says of JSON of a wrong shape as `Garbled`."""
    try:
        yield from chunks
    except NONSENSE as nonsense:
        raise Garbled(SENSELESS) from nonsense
