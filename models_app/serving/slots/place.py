"""A place in the queue, or at a model server, as whoever has it sees it."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from models_app.serving.slots.wishes import (
    Call,
    Called,
    Candidate,
    Facts,
    Held,
    Standing,
    State,
)

if TYPE_CHECKING:
    from models_app.serving.slots.door import Door


class Place:
    """A ticket of this process: it waits, or has `backend`, until it leaves."""

    def __init__(self, door: "Door", held: Held) -> None:
        self._door, self.held = door, held
        self.called: Called | None = None
        # Done once it is asked to yield, or to stop.
        self.call: asyncio.Future[Called] = asyncio.get_running_loop().create_future()
        self._standing: Standing | None = None
        self._given_up = False
        self._news = asyncio.Event()

    @property
    def ticket(self) -> str:
        return self.held.wish.ticket

    @property
    def backend(self) -> int | None:
        return self.held.backend

    @property
    def waits(self) -> bool:
        return self.backend is None

    @property
    def is_refused(self) -> bool:
        """Its person has as many in as they may."""
        return self.called is not None and self.called.call is Call.REFUSED

    async def standings(self) -> AsyncGenerator[Standing, None]:
        """Each change of position while it waits; ends when it has a place, is called, or
        gives up."""
        shown: Standing | None = None
        while self.waits and self.called is None and not self._given_up:
            self._news.clear()
            if self._standing and self._standing != shown:
                shown = self._standing
                yield shown
            else:
                await self._news.wait()

    async def reroute(self, candidates: Sequence[Candidate]) -> None:
        """Wait for these servers instead; a place that was given meanwhile is kept."""
        await self._door.move("reroute", self, candidates)

    async def pass_over(self, candidates: Sequence[Candidate]) -> None:
        """Give the place back for one at these servers: at once, or waiting in the turn
        that it was given in; then `backend` is None and `standings` go on."""
        await self._door.move("pass_over", self, candidates)

    def note(self, **facts: str | int | float | None) -> None:
        """Keep these facts with the ticket, so that pages and sweepers know them soon."""
        self.keep(**facts)
        self._door.tell(self)

    def keep(self, **facts: str | int | float | None) -> None:
        """The same with the next renewal, so that it costs nothing."""
        wish = replace(self.held.wish, facts={**self.held.wish.facts, **facts})
        self.held = replace(self.held, wish=wish)

    def give_up(self) -> None:
        """Have whoever follows `standings` wait no more."""
        self._given_up = True
        self._news.set()

    async def leave(self, facts: Facts | None = None) -> None:
        """Free the place, or stop waiting; doing it again changes nothing. Facts are kept
        for `lost_tickets`, until `forget_lost`."""
        await self._door.leave(self, facts)

    def take(self, state: State) -> None:
        """Be what the turns say."""
        self.held = replace(
            self.held, backend=state.backend, stamp=state.stamp, since=state.since
        )
        self.called = state.called or self.called
        if self.called and not self.call.done():
            self.call.set_result(self.called)
        self._news.set()

    def stand(self, standing: Standing) -> None:
        self._standing = standing
        self._news.set()
