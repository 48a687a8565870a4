"""Passing on the steps of a download, or of the making of a model, while they come."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator
from contextlib import aclosing
from typing import Protocol

import httpx

from models_app.adapters.base import PullStep
from models_app.adapters.failures import trouble
from models_app.adapters.fetch import reading
from models_app.adapters.lines import Garbled
from models_app.adapters.pacing import Read
from models_app.adapters.stream import in_our_words


class StepReader(Protocol):
    """Turns the bytes of one stream into steps; pure, and used once."""

    finished: bool
    """Nothing more has to be read: all is done."""

    def feed(self, piece: bytes) -> Iterator[PullStep]:
        """The steps in these bytes; b"" is the end of the stream.

        Raises `PullFailed`, `Garbled`, or whatever Python says of JSON of a wrong shape.
        """
        ...


async def steps_of(
    ask: Callable[[], Awaitable[httpx.Response]], reader: StepReader
) -> AsyncGenerator[PullStep, None]:
    """The steps in the stream that `ask` opens; closing this hangs up on the server.

    Nothing here limits how long a server is silent: who reads knows what is too long.
    """
    async with aclosing(await ask()) as response:
        read = reading(response)
        while not reader.finished:
            for step in in_our_words(reader.feed(await _piece(read))):
                yield step


async def _piece(read: Read) -> bytes:
    try:
        return await read()
    except httpx.RequestError as cut:
        raise Garbled(trouble(cut)) from cut
