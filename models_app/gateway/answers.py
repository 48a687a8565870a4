"""An answer on its way to a program: passed on as it comes, and given up when it leaves."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from typing import Final

import msgspec
from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

from dashboard.errors import DashboardError
from models_app.adapters.base import Form, Piece
from models_app.gateway.refusals import Refusal, as_openai
from models_app.serving.ask import Begun, Step

KINDS: Final = {
    Form.EVENTS: b"text/event-stream; charset=utf-8",
    Form.LINES: b"application/x-ndjson",
    Form.WHOLE: b"application/json",
}
Broken = Callable[[DashboardError], bytes]
"""How a failure is told in the middle of a stream."""
Refused = Callable[[DashboardError], Response]
"""How one is told before there is any answer."""


def broken_event(failure: DashboardError) -> bytes:
    return b"data: " + msgspec.json.encode(as_openai(failure)) + b"\n\n"


class Answer:
    """The pieces of a generation as one HTTP answer.

    Its status waits for the first piece, so that whatever fails before it is told as a
    status of its own. A caller that hangs up ends the generation at once.
    """

    def __init__(
        self,
        steps: AsyncGenerator[Step, None],
        *,
        form: Form,
        broken: Broken = broken_event,
        refused: Refused = Refusal,
    ) -> None:
        self._steps = steps
        self._form = form
        self._broken = broken
        self._refused = refused
        self._started = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        telling = asyncio.ensure_future(self._tell(send))
        leaving = asyncio.ensure_future(_left(receive))
        try:
            await asyncio.wait({telling, leaving}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            leaving.cancel()
            over = telling.done()
            telling.cancel()
            await asyncio.wait({telling, leaving})
        if over and (failure := telling.exception()):
            await self._fail(failure, scope, receive, send)

    async def _tell(self, send: Send) -> None:
        begun = None
        async with aclosing(self._steps) as steps:
            async for step in steps:
                if isinstance(step, Piece):
                    if not self._started:
                        self._started = True
                        await send(self._head(begun))
                    await send(_body(step.content))
                elif isinstance(step, Begun):
                    begun = step
        await send(_body(b"", more=False))

    async def _fail(
        self, failure: BaseException, scope: Scope, receive: Receive, send: Send
    ) -> None:
        if not isinstance(failure, DashboardError):
            raise failure
        if not self._started:
            await self._refused(failure)(scope, receive, send)
        else:
            await send(_body(self._broken(failure), more=False))

    def _head(self, begun: Begun | None) -> Message:
        headers = [
            (b"content-type", KINDS[self._form]),
            (b"cache-control", b"no-store"),
            (b"x-accel-buffering", b"no"),
            *(_where(begun) if begun else ()),
        ]
        return {"type": "http.response.start", "status": 200, "headers": headers}


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
