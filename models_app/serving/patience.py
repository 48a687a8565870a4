"""How long a stream may be silent before its server counts as hung, or is called off."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from typing import Any, Final

from dashboard.errors import BackendSilent, DashboardError
from models_app.adapters.base import (
    ChatRequest,
    Chunk,
    Form,
    Loading,
    Reading,
    Verbatim,
)
from models_app.serving.ask import Ask

NOT_YET = (Loading, Reading)
A_TOKEN: Final = 1.0
"""Seconds for each token of an answer that comes whole: slower than any server is."""
LIMITS: Final = ("max_completion_tokens", "max_tokens", "max_output_tokens")
UNSAID: Final = 1200
"""Tokens for which is waited where a question does not say how many there may be."""
MANY: Final = 3600
"""Tokens for which is waited at the most."""


def to_first(ask: Ask, request: ChatRequest | Verbatim, seconds: float) -> float:
    """How long a server that has so many seconds for its first token may be silent.

    An answer that comes whole is silent until its last one; vectors, and what only loads a
    model, have none.
    """
    if isinstance(request, ChatRequest) or request.form is not Form.WHOLE:
        return seconds
    if ask.embeds or not ask.characters:
        return seconds
    return seconds + A_TOKEN * _most_tokens(request.body)


def _most_tokens(body: Mapping[str, Any]) -> int:
    options = body.get("options")
    told = [body.get(name) for name in LIMITS]
    told.append(options.get("num_predict") if isinstance(options, dict) else None)
    limits = (each for each in told if isinstance(each, int) and each > 0)
    return min(next(limits, UNSAID), MANY)


class Recall:
    """Calls a stream off from outside, with the failure that its reader is to be told."""

    def __init__(self) -> None:
        self.failure: DashboardError | None = None
        self._watch: Watch | None = None

    def give(self, failure: DashboardError) -> None:
        self.failure = failure
        if self._watch is not None:
            self._watch.cut_now()

    def heard_by(self, watch: "Watch") -> None:
        self._watch = watch

    def check(self) -> None:
        if self.failure is not None:
            raise self.failure


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
        self.end()
        self._timer.cancel()

    def _look(self) -> None:
        waited = self._loop.time() - self._since if self._since else 0.0
        if waited >= self.limit:
            self.cut_now()
            return
        pause = min(self.limit - waited, self.limit / 4)
        self._timer = self._loop.call_later(pause, self._look)

    def cut_now(self) -> None:
        """End the wait under way; between two waits the next one must not begin."""
        if self._since is not None and self._task is not None and not self.cut:
            self.cut = True
            self._task.cancel()

    def forgive(self) -> None:
        """Take back the cancelling of the task, which was ours."""
        if self._task is not None:
            self._task.uncancel()


async def patiently(
    chunks: AsyncGenerator[Chunk, None],
    *,
    server: str,
    first: float,
    between: float,
    recall: Recall,
) -> AsyncGenerator[Chunk, None]:
    """The chunks as they come; `BackendSilent` when the wait for one is too long.

    `first` is the limit in seconds before the first chunk (a cold load is silent for
    minutes), `between` the one between two. Word of how far it is with loading or reading
    is no first chunk. The failure of a `recall` is raised at once.
    """
    watch = Watch(first)
    recall.heard_by(watch)
    try:
        while True:
            recall.check()
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
        silent = BackendSilent(server=server, seconds=round(watch.limit))
        raise recall.failure or silent from None
    finally:
        watch.close()
        await chunks.aclose()
