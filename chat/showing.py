"""Showing a draft to the pages while it is written."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

from chat.draft import Draft, Shown
from chat.markdown import render
from dashboard.live.bus import emit
from dashboard.live.events import Event, MessageBlock, MessageDelta, MessagePhase

PAUSE = 0.05
"""Seconds between two deltas: pages are shown text at most 20 times a second."""


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
        self.told_thinking = False

    async def events(self, draft: Draft) -> AsyncIterator[Event]:
        if draft.thinking and not self.told_thinking:
            self.told_thinking = True
            yield MessagePhase(self.conversation, self.message, "thinking")
        if step := draft.show():
            yield await self.step(step)

    async def step(self, step: Shown) -> Event:
        if not step.finished:
            return MessageDelta(self.conversation, self.message, step.seq, step.text)
        html = await asyncio.to_thread(render, "".join(step.finished))
        return MessageBlock(self.conversation, self.message, step.seq, html, step.rest)


async def _show(
    draft: Draft, place: Place, more: asyncio.Event, over: asyncio.Event
) -> None:
    while not over.is_set():
        await more.wait()
        more.clear()
        async for event in place.events(draft):
            await emit(event)
            await _pause(over)


async def _pause(over: asyncio.Event) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(PAUSE):
            await over.wait()
