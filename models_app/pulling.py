"""Pulling a model: the server's steps become checkpoints, and the row is closed at the end.

The bytes go from the internet to the server; this only listens, and hangs up to stop.
"""

import asyncio
import logging
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import dataclass
from enum import Enum, auto
from functools import partial

from django.db import Error

from dashboard.errors import BackendError, DashboardError, DatabaseAway, PullStalled
from dashboard.live.db import in_db
from models_app.adapters.adapter import Adapter
from models_app.adapters.base import Can, PullStep
from models_app.closing import closed_at_last
from models_app.contact import in_contact
from models_app.modelfile.create import new_model
from models_app.modelfile.understand import understood
from models_app.models import Pull
from models_app.progress import TRIES, Progress
from models_app.services.pulls import (
    Claimed,
    Order,
    checkpoint,
    claim_pull,
    close_pull,
    hand_on,
)

log = logging.getLogger(__name__)

CANCEL_SECONDS = 5.0
"""For the question to let go of a download; hanging up comes first."""


@dataclass(frozen=True, slots=True)
class Times:
    """What is waited for, in seconds by `clock`; the tick alone is by the loop's own."""

    clock: Callable[[], float] = time.monotonic
    tick: float = 0.5
    """Between two checkpoints, and until a stop is heard."""
    stalled: float = 60.0
    """Without a new byte, after which the server is asked again."""
    settling: float = 30 * 60.0
    """The same once all bytes are there: to verify a large model takes minutes."""
    tries: int = TRIES


class Ending(Enum):
    """Why a pull is no longer listened to."""

    WHOLE = auto()
    STALLED = auto()
    STOPPED = auto()
    LEFT = auto()
    HANDED_ON = auto()


async def run_pull(
    pull_id: int,
    working: Callable[[], bool] = lambda: True,
    times: Times | None = None,
) -> None:
    """Pull a model and close its row, whatever happens; nothing, if it is not waiting.

    Once `working` says no, the row is given back for another puller to go on with.
    """
    times = times or Times()
    claimed = await in_db(claim_pull)(pull_id)
    if claimed is None:
        return
    running = Running(claimed, working, times)
    try:
        ending = await running.until_the_end()
    except DashboardError as failure:
        await running.close(Pull.Status.FAILED, failure)
    except Exception:
        log.exception("Pull %s failed.", pull_id)
        await running.close(Pull.Status.FAILED, DashboardError())
    else:
        await running.conclude(ending)


class Running:
    """A pull under way in this process."""

    def __init__(
        self, claimed: Claimed, working: Callable[[], bool], times: Times
    ) -> None:
        self.claimed, self.working, self.times = claimed, working, times
        self.progress = Progress(
            moved_at=times.clock(), job=claimed.job, retries=claimed.retries
        )

    async def until_the_end(self) -> Ending:
        """Listen until the model is whole, or nobody wants it any more."""
        async with in_contact(self.claimed.backend) as adapter:
            while (ending := await self._listen(adapter)) is Ending.STALLED:
                self._ask_again()
            if ending is Ending.STOPPED:
                await self._let_go(adapter)
        return ending

    async def conclude(self, ending: Ending) -> None:
        if ending is Ending.WHOLE:
            await self.close(Pull.Status.DONE)
        elif ending is Ending.STOPPED:
            await self.close(Pull.Status.CANCELLED)
        elif ending is Ending.HANDED_ON:
            await in_db(hand_on)(self.claimed.pull, turn=self.claimed.turn)

    async def close(
        self, status: Pull.Status, error: DashboardError | None = None
    ) -> None:
        """Close the row; while the database is away, try again."""
        pull = f"Pull {self.claimed.pull}"
        await closed_at_last(partial(self._close, status, error), pull)

    async def _close(self, status: Pull.Status, error: DashboardError | None) -> None:
        standing = self.progress.standing(now=self.times.clock())
        await in_db(close_pull)(
            self.claimed.pull,
            turn=self.claimed.turn,
            status=status,
            standing=standing.whole() if status == Pull.Status.DONE else standing,
            error=error,
        )

    async def _listen(self, adapter: Adapter) -> Ending:
        """Until the server has said all, or there is a reason to hang up on it."""
        relay = asyncio.ensure_future(self._relay(adapter))
        try:
            while True:
                if not self.working():
                    return Ending.HANDED_ON
                if ending := await self._order():
                    return ending
                await asyncio.wait({relay}, timeout=self.times.tick)
                if relay.done():
                    relay.result()
                    return Ending.WHOLE
                if self._is_stalled():
                    return Ending.STALLED
        finally:
            relay.cancel()
            await asyncio.gather(relay, return_exceptions=True)

    async def _relay(self, adapter: Adapter) -> None:
        async with aclosing(self._steps(adapter)) as steps:
            async for step in steps:
                self.progress.take(step, now=self.times.clock())

    def _steps(self, adapter: Adapter) -> AsyncGenerator[PullStep, None]:
        """Of a download, or of the making of a model, which begins anew each time."""
        name = self.claimed.name
        if not self.claimed.modelfile:
            return adapter.pull(name, job=self.progress.job)
        recipe = understood(self.claimed.modelfile).recipe
        return adapter.create(new_model(recipe, name=name))

    async def _order(self) -> Ending | None:
        """Save where it stands; a database that is away ends no download."""
        standing = self.progress.standing(now=self.times.clock())
        try:
            order = await in_db(checkpoint)(
                self.claimed.pull, turn=self.claimed.turn, standing=standing
            )
        except (Error, DatabaseAway):
            log.exception("Pull %s goes on unsaved.", self.claimed.pull)
            return None
        return {Order.STOP: Ending.STOPPED, Order.LEAVE: Ending.LEFT}.get(order)

    def _is_stalled(self) -> bool:
        progress, times = self.progress, self.times
        limit = times.settling if progress.settling else times.stalled
        return progress.idle_for(times.clock()) >= limit

    def _ask_again(self) -> None:
        if self.progress.fruitless >= self.times.tries:
            raise PullStalled(
                server=self.claimed.backend.name,
                name=self.claimed.name,
                times=self.times.tries,
            )
        self.progress.ask_again(now=self.times.clock())

    async def _let_go(self, adapter: Adapter) -> None:
        """Have a server end what goes on without us; one that will not is left alone."""
        if Can.CANCEL not in adapter.can:
            return
        try:
            async with asyncio.timeout(CANCEL_SECONDS):
                await adapter.cancel_pull(self.claimed.name)
        except (BackendError, TimeoutError) as failure:
            log.warning("%s goes on pulling: %s", self.claimed.backend, failure)
