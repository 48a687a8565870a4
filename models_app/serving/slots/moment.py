"""Patience with an answer that is not counted while this process itself is held up."""

import asyncio
from types import TracebackType
from typing import Final

TICKS: Final = 3


class Moment:
    """`asyncio.timeout`, in ticks: a loop that stands still for long loses one of them,
    and what has come meanwhile is read before the next one. So a busy process does not
    take a Redis that answered for one that is away."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds / TICKS
        self._left = TICKS
        self._timeout = asyncio.timeout(None)

    async def __aenter__(self) -> None:
        await self._timeout.__aenter__()
        self._wait()

    def _wait(self) -> None:
        self._next = asyncio.get_running_loop().call_later(self._seconds, self._tick)

    def _tick(self) -> None:
        self._left -= 1
        if self._left:
            self._wait()
        else:
            self._timeout.reschedule(0)

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        failure: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._next.cancel()
        await self._timeout.__aexit__(kind, failure, trace)
