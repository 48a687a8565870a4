"""The time between a question and the first word of the answer: how far the load is.

It stands beside the way of a reply and ends with the first chunk: nothing waits for it.
"""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing

from dashboard.errors import DashboardError
from dashboard.live.background import in_background
from dashboard.live.db import in_db
from models_app.adapters import adapter_for
from models_app.adapters.base import Chunk, Loading
from models_app.serving.clients import client_for
from models_app.serving.loads import load_on, memory_now
from models_app.serving.route import Route

PAUSE = 1.0
"""Seconds between two looks."""


class Gauge:
    """What of a load is there, by the memory that its server has: it never falls, and is
    never more than all of it."""

    def __init__(self, total: int | None) -> None:
        self._total = total
        self._least: int | None = None
        self._done = 0

    def at(self, memory: int | None) -> Loading:
        """Nothing is said before it has grown: another model may have to leave first."""
        if memory is None or not self._total:
            return Loading()
        self._least = memory if self._least is None else min(self._least, memory)
        grown = min(memory - self._least, self._total)
        self._done = max(self._done, grown)
        return Loading(done=self._done, total=self._total) if self._done else Loading()


class Board:
    """The newest word of a load; the server's own counts before what its host sees."""

    def __init__(self) -> None:
        self.news = asyncio.Event()
        self._step: Loading | None = None
        self._share = 0.0
        self._told = False

    def hear(self, step: Loading) -> None:
        """The server says so."""
        if step.share is not None:
            self._told = True
            self._share = max(self._share, step.share)
            step = Loading(share=self._share)
        self._put(step)

    def see(self, step: Loading) -> None:
        """Its host shows so."""
        if not self._told:
            self._put(step)

    def take(self) -> Loading | None:
        step, self._step = self._step, None
        self.news.clear()
        return step

    def _put(self, step: Loading) -> None:
        self._step = step
        self.news.set()


class Watch:
    """Looks at one load from all sides, from its beginning to its end."""

    def __init__(self, route: Route, pause: float) -> None:
        self.board, self.pause = Board(), pause
        self._route = route
        self._looking: asyncio.Task[None] | None = None

    def begin(self, *, loaded: bool | None) -> None:
        if loaded is not None:
            self.board.see(Loading())
        self._looking = in_background(self._from_all_sides())

    def end(self) -> None:
        """Not awaited: it may wait for the database, and nobody waits for it."""
        if self._looking:
            self._looking.cancel()

    async def _from_all_sides(self) -> None:
        async with asyncio.TaskGroup() as both:
            both.create_task(self._listen())
            both.create_task(self._look())

    async def _listen(self) -> None:
        """What the server itself tells; one that fails at it does not matter here."""
        route = self._route
        try:
            adapter = adapter_for(route.kind, client_for(route), server=route.server)
            async with aclosing(adapter.loading(route.model)) as steps:
                async for step in steps:
                    self.board.hear(step)
        except DashboardError:
            return

    async def _look(self) -> None:
        """What its host shows: as much as its processes have gained on the cards."""
        try:
            load = await in_db(load_on)(self._route)
        except DashboardError:
            return
        gauge = Gauge(load.total)
        while load.nodes:
            step = gauge.at(await asyncio.to_thread(memory_now, load))
            if step.done:
                self.board.see(step)
            await asyncio.sleep(self.pause)


def watched(
    chunks: AsyncGenerator[Chunk, None],
    *,
    route: Route,
    loaded: bool | None,
    pause: float = PAUSE,
) -> AsyncGenerator[Chunk, None]:
    """The chunks, and before the first one how far the load is, once a second.

    Where nobody knows whether the model is in memory (None), it is said only once
    something shows that it loads.
    """
    return chunks if loaded else _merged(chunks, Watch(route, pause), loaded=loaded)


async def _merged(
    chunks: AsyncGenerator[Chunk, None], watch: Watch, *, loaded: bool | None
) -> AsyncGenerator[Chunk, None]:
    board = watch.board
    first = asyncio.create_task(_first(chunks))
    first.add_done_callback(lambda _: board.news.set())
    try:
        if loaded is None:
            await asyncio.wait({first}, timeout=watch.pause)
        if not first.done():
            watch.begin(loaded=loaded)
        while not first.done():
            await board.news.wait()
            if (step := board.take()) and not first.done():
                yield step
        watch.end()
        if (chunk := first.result()) is not None:
            yield chunk
            async for each in chunks:
                yield each
    finally:
        watch.end()
        first.cancel()
        await asyncio.wait({first})
        # Taken note of, also where nobody reads on.
        _ = first.cancelled() or first.exception()
        await chunks.aclose()


async def _first(chunks: AsyncGenerator[Chunk, None]) -> Chunk | None:
    return await anext(chunks, None)
