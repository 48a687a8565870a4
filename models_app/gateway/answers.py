"""An answer on its way to a program: passed on as it comes, and given up when it leaves."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterable
from contextlib import aclosing
from typing import Final

import msgspec
from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

from dashboard.errors import DashboardError, KeyUnknown
from models_app.adapters.base import Form, Loading, Piece, Reading
from models_app.gateway.refusals import Refusal, as_openai
from models_app.gateway.watching import while_good
from models_app.serving.ask import Begun, Queued, Step

KINDS: Final = {
    Form.EVENTS: b"text/event-stream; charset=utf-8",
    Form.LINES: b"application/x-ndjson",
    Form.WHOLE: b"application/json",
}
PATIENCE: Final = 15.0
"""Seconds of silence: proxies give a connection up after a minute, some after half of it."""

Broken = Callable[[DashboardError], bytes]
"""How a failure is told in the middle of a stream."""
Refused = Callable[[DashboardError], Response]
"""How one is told before there is any answer."""


def broken_event(failure: DashboardError) -> bytes:
    return b"data: " + msgspec.json.encode(as_openai(failure)) + b"\n\n"


class Answer:
    """The pieces of a generation as one HTTP answer.

    Its status waits for the first piece, so that whatever fails before it is told as a
    status of its own; but no longer than `patience` seconds where events are streamed.
    Then comments say what it waits for, which clients pass over, and which keep proxies
    from giving the connection up. A caller that hangs up ends the generation at once, and
    one whose `key` lets nobody in any more within a second.
    """

    def __init__(
        self,
        steps: AsyncGenerator[Step, None],
        *,
        form: Form,
        broken: Broken = broken_event,
        refused: Refused = Refusal,
        patience: float = PATIENCE,
        key: int | None = None,
    ) -> None:
        self._steps = steps
        self._key = key
        self._form = form
        self._broken = broken
        self._refused = refused
        self._patience = patience if form is Form.EVENTS else None
        self._begun: Begun | None = None
        self._wait: Queued | Loading | Reading | None = None
        self._started = self._told = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        with while_good(self._key) as ended:
            failure = await self._broken_by(ended, receive, send)
        if failure:
            await self._fail(failure, scope, receive, send)

    async def _broken_by(
        self, ended: asyncio.Future[None], receive: Receive, send: Send
    ) -> BaseException | None:
        """Why it is not whole, where somebody is left to be told so."""
        telling = asyncio.ensure_future(self._tell(send))
        leaving = asyncio.ensure_future(_left(receive))
        try:
            await self._until_over({telling, leaving, ended}, send)
        finally:
            over, left = telling.done(), leaving.done()
            telling.cancel()
            leaving.cancel()
            await asyncio.wait({telling, leaving})
        if over:
            return telling.exception()
        return KeyUnknown() if ended.done() and not left else None

    async def _until_over(self, tasks: set[asyncio.Future[None]], send: Send) -> None:
        """Until one of them is done; meanwhile, what is waited for is told."""
        while True:
            done, _ = await asyncio.wait(
                tasks, timeout=self._patience, return_when=asyncio.FIRST_COMPLETED
            )
            if done:
                return
            if not self._told:
                await self._comment(send)

    async def _tell(self, send: Send) -> None:
        """What comes whole goes out once it is, with its length; all else at once."""
        whole = b""
        async with aclosing(self._steps) as steps:
            async for step in steps:
                if isinstance(step, Piece) and self._form is Form.WHOLE:
                    whole += step.content
                elif isinstance(step, Piece):
                    self._told = True
                    await self._start(send)
                    await send(_body(step.content))
                elif isinstance(step, Begun):
                    self._begun = step
                elif isinstance(step, Queued | Loading | Reading):
                    self._wait = step
        if self._form is Form.WHOLE:
            await self._start(send, (b"content-length", b"%d" % len(whole)))
        await send(_body(whole, more=False))

    async def _start(self, send: Send, *more: tuple[bytes, bytes]) -> None:
        if not self._started:
            self._started = True
            await send(self._head(more))

    async def _comment(self, send: Send) -> None:
        await self._start(send)
        await send(_body(f": {_in_words(self._wait)}\n\n".encode()))

    async def _fail(
        self, failure: BaseException, scope: Scope, receive: Receive, send: Send
    ) -> None:
        if not isinstance(failure, DashboardError):
            raise failure
        if not self._started:
            await self._refused(failure)(scope, receive, send)
        else:
            await send(_body(self._broken(failure), more=False))

    def _head(self, more: Iterable[tuple[bytes, bytes]]) -> Message:
        headers = [
            *more,
            (b"content-type", KINDS[self._form]),
            (b"cache-control", b"no-store"),
            (b"x-accel-buffering", b"no"),
            *(_where(self._begun) if self._begun else ()),
        ]
        return {"type": "http.response.start", "status": 200, "headers": headers}


def _in_words(wait: Queued | Loading | Reading | None) -> str:
    """What a caller waits for, on one line."""
    if isinstance(wait, Queued):
        return f"number {wait.position} in line"
    if isinstance(wait, Loading):
        return "the model is being loaded"
    return "the model reads" if isinstance(wait, Reading) else "waiting"


def _where(begun: Begun) -> tuple[tuple[bytes, bytes], ...]:
    """Which server answers, and the generation's name in the ledger."""
    server = begun.server.encode("ascii", "replace")
    return (
        (b"x-paddock-server", server.replace(b"\n", b" ").replace(b"\r", b" ")),
        (b"x-paddock-ticket", begun.ticket.encode()),
    )


def _body(content: bytes, *, more: bool = True) -> Message:
    return {"type": "http.response.body", "body": content, "more_body": more}


async def _left(receive: Receive) -> None:
    """Come back when the caller has hung up."""
    while (await receive())["type"] != "http.disconnect":
        pass
