"""One ask's stay at the door: from the queue over its place to its row in the ledger."""

import asyncio
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from types import TracebackType
from typing import Final, Self

from dashboard.errors import (
    BackendRefused,
    DashboardError,
    DatabaseAway,
    EndedByAdmin,
    GaveWay,
    PromptTooLong,
)
from dashboard.live.db import in_db
from dashboard.people.models import User
from models_app.adapters.base import Chunk
from models_app.ledger.quotas import refuse_place
from models_app.services.backends import is_its_trouble
from models_app.serving.admission import Admission
from models_app.serving.ask import Begun, Queued
from models_app.serving.estimates import expected, queue_seconds
from models_app.serving.news import serving_changed
from models_app.serving.patience import Recall
from models_app.serving.record import CHARACTERS_A_TOKEN, Record
from models_app.serving.route import Route, askable, candidates, routes
from models_app.serving.settling import settle_soon
from models_app.serving.slots.door import enter
from models_app.serving.slots.place import Place
from models_app.serving.slots.wishes import Call, Called, Candidate

ROUTED: Final = 2.0
"""Seconds between two looks at who could answer somebody who waits: a server may come,
go, or be drained meanwhile."""
NO_NAME: Final = "somebody"
FINAL: Final = (PromptTooLong,)
"""Failures that no other server would spare: the prompt was made for the smallest window."""


class Stay:
    """Holds one place at a time; leaving it gives the place back and fills the ledger."""

    def __init__(self, record: Record, admission: Admission) -> None:
        self.record = record
        self._at_once = admission.at_once
        self._known: dict[int, Route] = {}
        self._know(admission.found)
        self.recall = Recall()
        self._failed: list[int] = []
        self._place: Place
        self._left = False
        self._tasks: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> Self:
        wish = self.record.wish(self._candidates(), most=self._at_once)
        self._place = await enter(wish)
        if self._place.is_refused:
            raise await in_db(refuse_place)(self.record.ask.person)
        serving_changed()
        self._place.call.add_done_callback(self._heed_call)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        failure: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._left = True
        for task in self._tasks:
            task.cancel()
        if isinstance(failure, DashboardError):
            self.record.fail(failure)
        elif isinstance(failure, Exception):
            self.record.fail(DashboardError())
        self.record.end()
        settle_soon(self._place, self.record)

    async def waited(self) -> AsyncGenerator[Queued, None]:
        """Where it stands, each time that changes, until there is a place."""
        if self._place.waits:
            self._tasks.append(asyncio.create_task(self._keep_routed()))
        best = askable(self.found, besides=self._failed)[0]
        async with aclosing(self._place.standings()) as standings:
            async for each in standings:
                turn = expected(best.backend, best.model, None, loaded=True).turn_s
                left = queue_seconds(turn, position=each.position, room=best.room)
                self._place.keep(due_at=None if left is None else time.time() + left)
                yield Queued(each.position, each.people, best.server, left)
        # The line may hear of a call before `_heed_call` does.
        if self._place.called is not None:
            await self._heed(self._place.called)
        self.recall.check()

    def begin(self) -> tuple[Route, Begun]:
        """The server that it has a place at, and what is told of it."""
        route = self._known[self._place.backend or 0]
        self.record.begin(route)
        self._place.note(**self.record.facts())
        serving_changed()
        return route, Begun(
            server=route.server,
            kind=route.kind,
            ticket=self.record.ticket,
            loaded=route.loaded,
            passed_over=self.record.passed_over,
            seconds=self._seconds_to_first_token(route),
        )

    def _seconds_to_first_token(self, route: Route) -> float | None:
        tokens = self.record.ask.characters // CHARACTERS_A_TOKEN
        known = expected(route.backend, route.model, tokens, loaded=route.loaded)
        return known.first_token_s

    def hear(self, chunk: Chunk) -> None:
        """Something came from the server; those who look at who is served see how fast."""
        if self.record.note(chunk):
            self._place.keep(**self.record.pace.facts())

    async def pass_over(self, failure: DashboardError) -> bool:
        """Give the place of a server that failed back for one at the next; False where
        there is none, or no use in it."""
        final = isinstance(failure, FINAL) or self.recall.failure is not None
        # Of programs: a server that calls their words wrong speaks for all.
        final = final or (self.record.ask.worded is not None and is_taste(failure))
        if final or self.record.first is not None or self.record.route is None:
            return False
        self._failed.append(self.record.route.backend)
        if not (left := self._candidates()):
            return False
        self.record.pass_over(failure)
        await self._place.pass_over(left)
        return True

    def _heed_call(self, call: asyncio.Future[Called]) -> None:
        """Somebody wants it to end: who waits goes before what nobody waits for."""
        if not self._left and not call.cancelled():
            self._tasks.append(asyncio.create_task(self._heed(call.result())))

    async def _heed(self, called: Called) -> None:
        server = (self.record.route or self.found[0]).server
        self._call_off(await _ended(called, server))

    def _call_off(self, failure: DashboardError) -> None:
        self.recall.give(failure)
        self._place.give_up()

    async def _keep_routed(self) -> None:
        while self._place.waits:
            await asyncio.sleep(ROUTED)
            try:
                self._know(await in_db(routes)(self.record.ask))
            except DashboardError as failure:
                self._call_off(failure)
                return
            await self._place.reroute(self._candidates())

    def _know(self, found: Sequence[Route]) -> None:
        """A place may still be given at a server that has gone from the list meanwhile."""
        self.found = found
        self._known.update({each.backend: each for each in found})

    def _candidates(self) -> tuple[Candidate, ...]:
        return candidates(askable(self.found, besides=self._failed))


def is_taste(failure: DashboardError) -> bool:
    """Whether a server did not like what it was asked, rather than fail at it."""
    return type(failure) is BackendRefused and not is_its_trouble(failure)


async def _ended(called: Called, server: str) -> DashboardError:
    if called.call is not Call.STOP:
        return GaveWay(server=server)
    by = called.by or 0
    try:
        name = await in_db(_name_of)(by)
    except DatabaseAway:
        name = NO_NAME
    return EndedByAdmin(server=server, by=by, name=name)


def _name_of(person: int) -> str:
    found = User.objects.filter(pk=person).first()
    return found.name if found else NO_NAME
