"""An answer on its way to a program: passed on as it comes, and given up when it leaves."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractContextManager, aclosing, nullcontext
from typing import Final

import msgspec
from starlette.types import Message, Receive, Scope, Send

from dashboard.errors import DashboardError, KeyUnknown
from models_app.adapters.base import Form, Piece
from models_app.gateway.refusals import Refusal, as_openai
from models_app.gateway.watching import answering
from models_app.serving.ask import Begun, Step

KINDS: Final = {
    Form.EVENTS: b"text/event-stream; charset=utf-8",
    Form.LINES: b"application/x-ndjson",
    Form.WHOLE: b"application/json",
}
Broken = Callable[[DashboardError], bytes]
"""How a failure is told in the middle of a stream."""


def broken_event(failure: DashboardError) -> bytes:
    return b"data: " + msgspec.json.encode(as_openai(failure)) + b"\n\n"


class Answer:
    """The pieces of a generation as one HTTP answer.

    Its status waits for the first piece, so that whatever fails before it is told as a
    status of its own. A caller that hangs up ends the generation at once, and one whose
    `key` lets nobody in any more within a second.
    """

    def __init__(
        self,
        steps: AsyncGenerator[Step, None],
        *,
        form: Form,
        broken: Broken = broken_event,
        key: int | None = None,
    ) -> None:
        self._steps = steps
        self._key = key
        self._form = form
        self._broken = broken
        self._started = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        with _while_good(self._key) as ended:
            failure = await self._told(receive, send, ended)
        if failure:
            await self._fail(failure, scope, receive, send)

    async def _told(
        self, receive: Receive, send: Send, ended: asyncio.Future[None]
    ) -> BaseException | None:
        """Why it is not whole, where somebody is left to be told so."""
        telling = asyncio.ensure_future(self._tell(send))
        leaving = asyncio.ensure_future(_left(receive))
        try:
            await asyncio.wait(
                {telling, leaving, ended}, return_when=asyncio.FIRST_COMPLETED
            )
        finally:
            over, left = telling.done(), leaving.done()
            telling.cancel()
            leaving.cancel()
            await asyncio.wait({telling, leaving})
        if over:
            return telling.exception()
        return KeyUnknown() if ended.done() and not left else None

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
            await Refusal(failure)(scope, receive, send)
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


def _while_good(key: int | None) -> AbstractContextManager[asyncio.Future[None]]:
    """What is done once the key is not good any more; never without one."""
    if key is None:
        return nullcontext(asyncio.get_running_loop().create_future())
    return answering(key)


async def _left(receive: Receive) -> None:
    """Come back when the caller has hung up."""
    while (await receive())["type"] != "http.disconnect":
        pass
