"""Showing a draft to the pages while it is written."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import asdict

from chat.draft import Draft, Shown
from chat.markdown import render
from chat.phases import Doing, Phase
from dashboard.live.bus import emit
from dashboard.live.events import Event, MessageBlock, MessageDelta, MessagePhase

PAUSE = 0.05
"""Seconds between two deltas: pages are shown text at most 20 times a second."""
PHASES, SPEEDS = 0.25, 1.0
"""Seconds between two words of what it does, and between two of how fast it writes."""


@asynccontextmanager
async def shown(
    draft: Draft, *, conversation: int, message: int
) -> AsyncIterator[Callable[[], None]]:
    """Give the writer a call that says "there is more"; what it left at the end stays.

    The task ends by a flag: a cancelled publish would leave its link to Redis half read,
    and redis-py may swallow the cancelling.
    """
    more, over = asyncio.Event(), asyncio.Event()
    place = Place(conversation, message)
    showing = asyncio.create_task(_show(draft, place, more, over))
    try:
        yield more.set
    finally:
        over.set()
        more.set()
        await asyncio.wait({showing})


class Place:
    """Where a draft is shown, and how its steps are told there."""

    def __init__(self, conversation: int, message: int) -> None:
        self.conversation, self.message = conversation, message
        self._told: Phase | None = None
        self._speed: int | None = None
        self._told_at = 0.0

    async def events(self, draft: Draft) -> AsyncIterator[Event]:
        if phase := self.phase(draft, now=time.monotonic()):
            yield phase
        if step := draft.show():
            yield await self.step(step)

    def pause(self, draft: Draft, *, now: float) -> float | None:
        """Seconds until what it does is to be told; None while there is no news of it."""
        if draft.phase == self._told or draft.phase.doing is Doing.WRITING:
            return None
        if self._told is None or draft.phase.doing is not self._told.doing:
            return 0.0
        return max(self._told_at + PHASES - now, 0.0)

    def phase(self, draft: Draft, *, now: float) -> Event | None:
        """What it does, where that is news and not too soon after the last."""
        told = draft.told(now=now)
        if draft.phase.doing is Doing.WRITING:
            soon = now < self._told_at + SPEEDS
            if soon or told.speed in (None, self._speed):
                return None
            self._speed = told.speed
        elif self.pause(draft, now=now) != 0:
            return None
        self._told, self._told_at = draft.phase, now
        return MessagePhase(self.conversation, self.message, **asdict(told))

    async def step(self, step: Shown) -> Event:
        if not step.finished:
            return MessageDelta(self.conversation, self.message, step.seq, step.text)
        html = await asyncio.to_thread(render, "".join(step.finished))
        return MessageBlock(self.conversation, self.message, step.seq, html, step.rest)


async def _show(
    draft: Draft, place: Place, more: asyncio.Event, over: asyncio.Event
) -> None:
    while not over.is_set():
        await _wait(more, place.pause(draft, now=time.monotonic()))
        more.clear()
        async for event in place.events(draft):
            await emit(event)
            await _pause(over)


async def _pause(over: asyncio.Event) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(PAUSE):
            await over.wait()


async def _wait(more: asyncio.Event, seconds: float | None) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await more.wait()
