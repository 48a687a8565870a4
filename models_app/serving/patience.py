"""How long a stream may be silent before its server counts as hung."""

import asyncio
from collections.abc import AsyncGenerator
from typing import TypeVar

from dashboard.errors import BackendSilent
from models_app.adapters.base import Loading, Reading

T = TypeVar("T")

NOT_YET = (Loading, Reading)


class Watch:
    """A timer that cancels its task when one wait has lasted too long.

    `asyncio.timeout` would cost a timer a chunk, and would go on counting while the
    reader of a generator is busy with what it got.
    """

    def __init__(self, limit: float) -> None:
        self.limit = limit
        self.cut = False
        self._loop = asyncio.get_running_loop()
        self._task: asyncio.Task[object] | None = None
        self._since: float | None = None
        self._timer = self._loop.call_later(limit / 4, self._look)

    def limit_to(self, limit: float) -> None:
        """Another limit from now on; its first look must not come by the old one."""
        if limit != self.limit:
            self.limit = limit
            self._timer.cancel()
            self._timer = self._loop.call_later(limit / 4, self._look)

    def begin(self) -> None:
        """A wait begins, in whichever task reads on."""
        self._task = asyncio.current_task()
        self._since = self._loop.time()

    def end(self) -> None:
        self._since = None

    def close(self) -> None:
        self._timer.cancel()

    def _look(self) -> None:
        waited = self._loop.time() - self._since if self._since else 0.0
        if waited >= self.limit and self._task is not None:
            self.cut = True
            self._task.cancel()
            return
        pause = min(self.limit - waited, self.limit / 4)
        self._timer = self._loop.call_later(pause, self._look)

    def forgive(self) -> None:
        """Take back the cancelling of the task, which was ours."""
        if self._task is not None:
            self._task.uncancel()


async def patiently(
    chunks: AsyncGenerator[T, None],
    *,
    server: str,
    first: float,
    between: float,
) -> AsyncGenerator[T, None]:
    """The chunks as they come; `BackendSilent` when the wait for one is too long.

    `first` is the limit in seconds before the first chunk (a cold load is silent for
    minutes), `between` the one between two. Word of how far it is with loading or reading
    is no first chunk.
    """
    watch = Watch(first)
    try:
        while True:
            watch.begin()
            chunk = await anext(chunks)
            watch.end()
            if not isinstance(chunk, NOT_YET):
                watch.limit_to(between)
            yield chunk
    except StopAsyncIteration:
        return
    except asyncio.CancelledError:
        if not watch.cut:
            raise
        watch.forgive()
        raise BackendSilent(server=server, seconds=round(watch.limit)) from None
    finally:
        watch.close()
        await chunks.aclose()
