"""The door of one process: it keeps the places of those who are in, and hears of others'."""

import asyncio
import contextlib
import logging
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any, Final, TypeVar
from weakref import WeakKeyDictionary

from django.conf import settings
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from dashboard.live.background import in_background
from models_app.serving.slots.keeper import (
    NEWS,
    Held,
    Keeper,
    OwnKeeper,
    RedisKeeper,
    Told,
)
from models_app.serving.slots.wishes import Candidate, Facts, Standing, Wish

T = TypeVar("T")

log = logging.getLogger(__name__)

PATIENCE: Final = 0.3
"""Seconds in which Redis must answer; then this process gives out places by itself."""
AWAY: Final = 2.0
"""Seconds after which Redis is asked again."""
TENDED: Final = 2.0
"""Seconds between two words about those who have a place."""
ASKED: Final = 1.0
"""And while somebody waits, should a word of others be lost."""
GATHERED: Final = 0.05
"""Seconds in which the news that the line has moved are gathered."""

_doors: "WeakKeyDictionary[asyncio.AbstractEventLoop, Door]" = WeakKeyDictionary()


class Place:
    """One ticket: it waits until it has a place at `backend`, and may be called off.

    `called` is None, 0 where work gives way to somebody who waits, or the number of the
    administrator who ended it.
    """

    def __init__(self, door: "Door", wish: Wish) -> None:
        self.wish = wish
        self.backend: int | None = None
        self.called: int | None = None
        self._standing: Standing | None = None
        self._door = door
        self._moved = asyncio.Event()
        self._calling = asyncio.Event()
        self._given_up = False

    async def standings(self) -> AsyncGenerator[Standing, None]:
        """Where it stands, each time that changes, until it has a place or gives up."""
        told = None
        while self.backend is None and not self._given_up:
            if self._standing is not None and self._standing != told:
                told = self._standing
                yield told
            else:
                self._moved.clear()
                await self._moved.wait()

    async def when_called(self) -> int:
        """Wait until somebody wants it to end, and say who: see `called`."""
        await self._calling.wait()
        return self.called or 0

    def give_up(self) -> None:
        """Whoever waits for a place need not wait on."""
        self._given_up = True
        self._moved.set()

    def note(self, facts: Facts) -> None:
        """Have others know this of it, within two seconds."""
        self.wish = replace(self.wish, facts=facts)

    def reroute(self, candidates: tuple[Candidate, ...]) -> None:
        """Others could give it a place, within a second."""
        self.wish = replace(self.wish, candidates=candidates)

    async def pass_over(self, candidates: tuple[Candidate, ...]) -> None:
        """Give its place back and have one at one of these, before everybody who waits."""
        await self._door.pass_over(self, candidates)

    async def leave(self, facts: Facts | None = None) -> None:
        """Give its place back, or wait no longer. With facts, they are kept for the ledger
        until `forget_lost`, or until somebody else has written them."""
        await self._door.leave(self, facts)

    def wait_again(self, candidates: tuple[Candidate, ...]) -> None:
        """Its place is given back; what it hears from now on is of the next one."""
        self.reroute(candidates)
        self.backend, self._standing = None, None

    def hear(self, told: Told) -> None:
        if self.backend is None:
            self.backend, self._standing = told.backend, told.standing
        if told.called is not None and self.called is None:
            self.called = told.called
            self._calling.set()
        self._moved.set()


class Door:
    """Of one event loop. Nobody who comes in ever hears that Redis is away."""

    def __init__(self, url: str) -> None:
        # Apart: a subscription that waits for news is silent for longer.
        self._link = _link(url, socket_timeout=PATIENCE)
        self._news = _link(url)
        self._redis = RedisKeeper(self._link)
        self._own: OwnKeeper | None = None
        self._again_at = 0.0
        self._places: dict[str, Place] = {}
        self._one_by_one = asyncio.Lock()
        self._hurry = asyncio.Event()
        self._tasks: dict[str, asyncio.Task[None]] = {}

    async def enter(self, wish: Wish) -> Place:
        """Ask for a place; there may be one at once."""
        place = Place(self, wish)
        self._places[wish.ticket] = place
        self._keep_going()
        try:
            self._hear(await self._asked(lambda keeper: keeper.tend([(wish, None)])))
        except BaseException:
            # Nobody knows whether the question got there.
            in_background(self.leave(place, None))
            raise
        return place

    async def pass_over(self, place: Place, candidates: tuple[Candidate, ...]) -> None:
        ticket = place.wish.ticket
        async with self._one_by_one:
            place.wait_again(candidates)
            self._hear(await self._asked(lambda k: k.pass_over(ticket, candidates)))

    async def leave(self, place: Place, facts: Facts | None) -> None:
        self._places.pop(place.wish.ticket, None)
        async with self._one_by_one:
            await self._asked(lambda keeper: keeper.leave(place.wish.ticket, facts))

    async def close(self) -> None:
        """End its tasks and its links; whoever is still in is forgotten after a lease."""
        for task in self._tasks.values():
            task.cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)
        for link in (self._link, self._news):
            with contextlib.suppress(RedisError, OSError):
                await link.aclose()

    async def _asked(self, work: Callable[[Keeper], Awaitable[T]]) -> T:
        """What Redis says, or this process by itself for as long as it does not."""
        if self._own is None or time.monotonic() >= self._again_at:
            try:
                if self._own is not None:
                    self._hear(await self._tended(self._redis))
                    self._own = None
                return await work(self._redis)
            except (RedisError, OSError) as failure:
                log.warning("Places are given out by this process alone: %s", failure)
                self._again_at = time.monotonic() + AWAY
        if self._own is None:
            self._own = OwnKeeper()
            self._hear(await self._tended(self._own))
        return await work(self._own)

    async def _tended(self, keeper: Keeper) -> list[Told]:
        return await keeper.tend(self._held())

    def _held(self) -> Sequence[Held]:
        return [(each.wish, each.backend) for each in self._places.values()]

    def _hear(self, told: Iterable[Told]) -> None:
        for each in told:
            if place := self._places.get(each.ticket):
                place.hear(each)

    def _keep_going(self) -> None:
        for work in (self._tend, self._listen):
            task = self._tasks.get(work.__name__)
            if task is None or task.done():
                self._tasks[work.__name__] = in_background(work())

    async def _tend(self) -> None:
        while self._places:
            waiting = any(each.backend is None for each in self._places.values())
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._hurry.wait(), ASKED if waiting else TENDED)
            self._hurry.clear()
            async with self._one_by_one:
                self._hear(await self._asked(self._tended))

    async def _listen(self) -> None:
        """News of other processes; without them, each second will do."""
        while self._places:
            try:
                async with self._news.pubsub(ignore_subscribe_messages=True) as heard:
                    await heard.subscribe(NEWS)
                    while self._places:
                        message = await heard.get_message(timeout=TENDED)
                        await self._heed(message)
            except (RedisError, OSError):
                await asyncio.sleep(AWAY)

    async def _heed(self, message: dict[str, Any] | None) -> None:
        if message is None:
            return
        word, _, ticket = message["data"].decode().partition(" ")
        if word == "moved":
            if any(each.backend is None for each in self._places.values()):
                await asyncio.sleep(GATHERED)
                self._hurry.set()
        elif ticket in self._places:
            self._hurry.set()


def door() -> Door:
    """The door of this process and loop."""
    here = asyncio.get_running_loop()
    if here not in _doors:
        _doors[here] = Door(settings.REDIS_URL)
    return _doors[here]


async def close_door() -> None:
    """Close this loop's door; the next one who comes opens another."""
    if known := _doors.pop(asyncio.get_running_loop(), None):
        await known.close()


def _link(url: str, *, socket_timeout: float | None = None) -> "Redis":
    """Fails at once rather than trying again: somebody waits."""
    return Redis.from_url(
        url,
        socket_timeout=socket_timeout,
        socket_connect_timeout=PATIENCE,
        retry=Retry(NoBackoff(), 0),
    )
