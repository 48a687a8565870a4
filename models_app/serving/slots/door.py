"""The way in: a place at a model server, for as long as somebody keeps it.

Redis keeps the turns. While it is away each process lets its own people take turns, and
what runs goes on; when it is back, all that this process holds is put in again.
"""

import asyncio
import logging
import secrets
import time
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Final
from weakref import WeakKeyDictionary

import redis.asyncio
from django.conf import settings
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from dashboard.live.background import in_background
from models_app.serving.slots.keeper import (
    AWAY,
    PATIENCE,
    PREFIX,
    Keeper,
    moved_channel,
    own_channel,
)
from models_app.serving.slots.place import Place
from models_app.serving.slots.standing import standings
from models_app.serving.slots.turns import Act, Turns
from models_app.serving.slots.wishes import (
    Candidate,
    Facts,
    Held,
    State,
    Waiting,
    Wish,
)

log = logging.getLogger(__name__)

MEMORY: Final = 2.0
"""Seconds for which askers leave a Redis alone that was away."""
BEAT: Final = 1.0
"""Seconds after which those who wait look whether they were given a place; each second
time all are renewed."""
SOON: Final = 0.05
"""Seconds until the turns hear what is only told to those who look."""
LINKS: Final = 16


class Door:
    """The places of one process in one event loop."""

    def __init__(self, link: "redis.asyncio.Redis", prefix: str = PREFIX) -> None:
        self.owner = secrets.token_hex(8)
        self.link, self.prefix = link, prefix
        self.keeper, self.local = Keeper(link, prefix), Turns()
        self.places: dict[str, Place] = {}
        self._gone: dict[str, Facts | None] = {}
        self._stale: set[str] = set()
        self._woken = asyncio.Event()
        # What changes places is asked one after the other: no answer undoes a later one.
        self._one_by_one = asyncio.Lock()
        # Who has come since the last lot was let in, and the letting in of these.
        self._coming: list[Place] = []
        self._lot: asyncio.Task[None] | None = None
        self._lot_by_lot = asyncio.Lock()
        self._away_until = 0.0
        self._fallen_back = False
        self._beats = 0
        self._life: asyncio.Task[None] | None = None

    @property
    def away(self) -> bool:
        return time.monotonic() < self._away_until

    async def enter(self, wish: Wish) -> Place:
        """A place, or one that waits for it; also while Redis is away. One that is
        refused is in nowhere."""
        self._live()
        place = Place(self, Held(wish, owner=self.owner))
        self.places[place.ticket] = place
        self._coming.append(place)
        if self._lot is None:
            self._lot = in_background(self._let_in())
        try:
            # Others wait for the same lot.
            await asyncio.shield(self._lot)
        except BaseException:
            await self.leave(place)
            raise
        if place.is_refused:
            del self.places[place.ticket]
        else:
            self._look_after(place)
        return place

    async def _let_in(self) -> None:
        """All who have come since the last lot, in one step: each costs as much as many."""
        async with self._lot_by_lot:
            coming, self._coming, self._lot = self._coming, [], None
            there = [each.held for each in coming if each.ticket in self.places]
            self._hear(await self._act("enter", there))

    async def move(
        self, act: Act, place: Place, candidates: Sequence[Candidate]
    ) -> None:
        async with self._one_by_one:
            if place.ticket not in self.places:
                return
            wish = replace(place.held.wish, candidates=tuple(candidates))
            place.held = replace(place.held, wish=wish)
            self._hear(await self._act(act, [place.held]))
        self._look_after(place)

    async def leave(self, place: Place, facts: Facts | None = None) -> None:
        """Forget the place at once; the turns hear of it as soon as they can be told."""
        if self.places.pop(place.ticket, None) is None:
            return
        try:
            if not place.held.stamp:
                # It may be on its way in, and must not leave before it has come.
                async with self._lot_by_lot:
                    pass
        finally:
            self._gone[place.ticket] = facts
        self.local.leave({place.ticket: None}, now=time.time())
        self._hear_local()
        async with self._one_by_one:
            if not self.away:
                try:
                    await self._tell_gone()
                except AWAY as failure:
                    self._fall_back(failure)

    async def close(self) -> None:
        """End what runs for the door; what it holds is given up with its leases."""
        if self._life:
            self._life.cancel()
            await asyncio.wait([self._life])

    def tell(self, place: Place) -> None:
        """Have the turns know soon what a place knows; of one that leaves before, never."""
        self._stale.add(place.ticket)
        if place.waits:
            self._woken.set()
        else:
            asyncio.get_running_loop().call_later(SOON, self._woken.set)

    # What is asked, of Redis or of this process.

    async def _act(self, act: Act, helds: Sequence[Held]) -> list[State]:
        if not self.away:
            try:
                return await self.keeper.act(act, helds)
            except AWAY as failure:
                self._fall_back(failure)
        return self._act_here(act, helds)

    def _act_here(self, act: Act, helds: Sequence[Held]) -> list[State]:
        states = self.local.act(act, helds, now=time.time())
        self._hear_local()
        return states

    async def _queue(self) -> list[Waiting]:
        if not self.away:
            try:
                return await self.keeper.queue()
            except AWAY as failure:
                self._fall_back(failure)
        return self.local.queue(now=time.time())

    async def _tell_gone(self) -> None:
        if gone := dict(self._gone):
            await self.keeper.leave(gone)
            for ticket in gone:
                del self._gone[ticket]

    def _fall_back(self, failure: Exception) -> None:
        """Let the people of this process take turns among themselves."""
        self._away_until = time.monotonic() + MEMORY
        if not self._fallen_back:
            self._fallen_back = True
            log.warning("The queue is this process's own, without Redis: %r", failure)
            self._hear(self._act_here("renew", self._held(self.places.values())))

    def _recover(self) -> None:
        if self._fallen_back:
            self._fallen_back, self._away_until = False, 0.0
            self.local = Turns()
            log.warning("The queue is in Redis again.")

    # What is heard.

    def _hear(self, states: Iterable[State]) -> None:
        for state in states:
            if place := self.places.get(state.ticket):
                place.take(state)

    def _hear_local(self) -> None:
        news, self.local.news = self.local.news, set()
        self._hear(
            self.local.tickets[each].state
            for each in news
            if each in self.local.tickets
        )
        if self._fallen_back:
            self._woken.set()

    def _look_after(self, place: Place) -> None:
        """Have its standing told, and look once more whether it was given a place."""
        if place.waits:
            self.tell(place)

    @staticmethod
    def _held(places: Iterable[Place]) -> list[Held]:
        """Those that are in the turns already, and are not just being asked for; those
        that run first, so that nobody is given their place."""
        known = (each for each in places if each.held.stamp)
        return [each.held for each in sorted(known, key=lambda each: each.waits)]

    # What goes on while the process lives.

    def _live(self) -> None:
        if self._life is None or self._life.done():
            self._life = in_background(self._go_on())

    async def _go_on(self) -> None:
        try:
            async with asyncio.TaskGroup() as together:
                together.create_task(self._renew_again_and_again())
                together.create_task(self._listen())
                together.create_task(self._look_when_woken())
        finally:
            await self.link.aclose()

    async def _renew_again_and_again(self) -> None:
        while True:
            await asyncio.sleep(BEAT)
            self._beats += 1
            async with self._one_by_one:
                if self._fallen_back or self._gone or self._beats % 2 == 0:
                    await self._renew()
                else:
                    await self._look(
                        each for each in self.places.values() if each.waits
                    )

    async def _renew(self) -> None:
        """Put in whatever is not in; this is also how Redis is found to be back."""
        held = self._held(self.places.values())
        if not held and not self._gone and not self._fallen_back:
            return
        try:
            await self._tell_gone()
            states = await self.keeper.act("renew", held)
        except AWAY as failure:
            self._fall_back(failure)
            states = self._act_here("renew", held)
        else:
            self._recover()
        self._hear(states)

    async def _look(self, places: Iterable[Place]) -> None:
        """Whether they were given a place. Where one was forgotten all are put in again,
        those that run first."""
        held = self._held(places)
        if held:
            states = await self._act("look", held)
            self._hear(states)
            if len(states) < len(held):
                await self._renew()

    async def _listen(self) -> None:
        while True:
            with suppress(*AWAY):
                async with self.link.pubsub(ignore_subscribe_messages=True) as ears:
                    await self._listen_with(ears)
            await asyncio.sleep(BEAT)

    async def _listen_with(self, ears: "redis.asyncio.client.PubSub") -> None:
        mine = own_channel(self.owner, self.prefix)
        await ears.subscribe(mine, moved_channel(self.prefix))
        for place in self.places.values():
            self._look_after(place)
        async for message in ears.listen():
            if message["channel"] == mine:
                self._stale.add(message["data"])
            self._woken.set()

    async def _look_when_woken(self) -> None:
        while True:
            await self._woken.wait()
            self._woken.clear()
            stale, self._stale = self._stale, set()
            async with self._one_by_one:
                await self._look(
                    self.places[each] for each in stale if each in self.places
                )
            await self._tell_standings()

    async def _tell_standings(self) -> None:
        waiting = [each for each in self.places.values() if each.waits]
        if not waiting:
            return
        told = standings(await self._queue())
        for place in waiting:
            if standing := told.get(place.ticket):
                place.stand(standing)


_doors: WeakKeyDictionary[asyncio.AbstractEventLoop, Door] = WeakKeyDictionary()


async def enter(wish: Wish) -> Place:
    """A place at one of the servers of the wish, or one that waits for it; leave it at the
    end, whatever happens."""
    loop = asyncio.get_running_loop()
    if loop not in _doors:
        _doors[loop] = Door(open_link(settings.REDIS_URL))
    return await _doors[loop].enter(wish)


async def close_door() -> None:
    """Close this loop's door; the next wish opens another one."""
    door = _doors.pop(asyncio.get_running_loop(), None)
    if door:
        await door.close()


def open_link(url: str) -> "redis.asyncio.Redis":
    """A few connections that are kept; nobody waits long for one."""
    pool = redis.asyncio.BlockingConnectionPool.from_url(
        url,
        max_connections=LINKS,
        timeout=PATIENCE,
        decode_responses=True,
        socket_connect_timeout=PATIENCE,
        # With one, redis-py writes by `wait_for`, which loses a cancellation at times
        # (https://github.com/python/cpython/issues/86296); the keeper has its own.
        socket_timeout=None,
        socket_keepalive=True,
        retry=Retry(NoBackoff(), 1),
    )
    return redis.asyncio.Redis.from_pool(pool)
