"""Running batches: each line is asked behind everybody else, and written down once.

All batches of a puller share one thread and wait side by side, apart from the pulls.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import ExitStack
from datetime import timedelta
from functools import partial
from typing import Final, TypeVar

from django.db import Error
from django.utils import timezone

from dashboard.errors import BatchFileGone, DashboardError, DatabaseAway
from dashboard.live.db import in_db
from models_app.batches.lines import Contents, contents_of
from models_app.batches.pages import Pages, Taken
from models_app.batches.places import path_of
from models_app.closing import closed_at_last
from models_app.gateway.batches.pulse import Ending, Pulse, Times
from models_app.gateway.batches.work import Work
from models_app.models import Batch
from models_app.rounds import in_rounds
from models_app.services.batches import (
    claim_due_batches,
    close_batch,
    give_back,
)
from models_app.serving.clients import close_clients
from models_app.serving.settling import all_settled
from models_app.serving.slots.door import close_door

T = TypeVar("T")

log = logging.getLogger(__name__)

CLOSED: Final = {
    Ending.WHOLE: Batch.Status.DONE,
    Ending.STOPPED: Batch.Status.CANCELLED,
    Ending.EXPIRED: Batch.Status.EXPIRED,
}
TAKEN: Final = timedelta(seconds=5)
"""After which it is looked again whether whoever had a batch before has let go of it."""


async def run_batches(
    working: Callable[[], bool] = lambda: True, times: Times | None = None
) -> None:
    """Run all batches that are due, and those that come meanwhile.

    Once `working` says no, those under way are given back for another puller.
    """
    times = times or Times()
    run = partial(run_batch, working=working, times=times)
    try:
        # A round ends with its last batch, and another of its person may wait for that.
        while working() and (due := await _due()):
            await in_rounds(_with(due), run, go_on=working, tick=times.tick)
    finally:
        await all_settled()
        await close_door()
        await close_clients()


async def run_batch(batch: Batch, *, working: Callable[[], bool], times: Times) -> None:
    """Work on a batch that was claimed, and close its row or give it back."""
    running = Running(batch, Pulse(batch, working, times))
    with running.files:
        try:
            await running.until_the_end()
        except Taken:
            await in_db(give_back)(batch, until=timezone.now() + TAKEN)
        except DashboardError as failure:
            await running.close(Batch.Status.FAILED, failure)
        except Exception:
            log.exception("%s failed.", batch)
            await running.close(Batch.Status.FAILED, DashboardError())


class Running:
    """A batch in the hands of this process, with the files that are open for it."""

    def __init__(self, batch: Batch, pulse: Pulse) -> None:
        self.batch, self.pulse = batch, pulse
        self.files = ExitStack()
        self._work: Work | None = None

    async def until_the_end(self) -> None:
        """Open its files, ask what is left, and do what comes after."""
        self._work = work = await self._meanwhile(self._opened)
        ending = await work.until_the_end()
        if ending is Ending.EXPIRED:
            await self._meanwhile(work.expire)
        if ending in CLOSED:
            await self.close(CLOSED[ending])
        elif ending is not Ending.LEFT:
            await self._give_back(work, rests=ending is Ending.RESTS)

    async def close(
        self, status: Batch.Status, error: DashboardError | None = None
    ) -> None:
        """Close the row; while the database is away, try again."""
        if self._work:
            await self._meanwhile(self._work.pages.sync)
        standing = self._work.standing if self._work else None
        close = partial(
            in_db(close_batch), self.batch, status, standing=standing, error=error
        )
        await closed_at_last(close, self.batch)

    async def _give_back(self, work: Work, *, rests: bool) -> None:
        left = timedelta(seconds=work.rest_left)
        give = partial(
            in_db(give_back),
            self.batch,
            standing=work.standing,
            until=timezone.now() + left if rests else None,
            why=work.why if rests else None,
        )
        await closed_at_last(give, self.batch)

    def _opened(self) -> Work:
        """What was done is read first: it counts, whatever is wrong with the rest."""
        batch = self.batch
        pages = Pages(batch.output_name, batch.errors_name)
        self.files.enter_context(pages)
        try:
            file = self.files.enter_context(path_of(batch.input_name).open("rb"))
        except FileNotFoundError as gone:
            raise BatchFileGone from gone
        if batch.total is None:
            contents = contents_of(file)
        else:
            contents = Contents(batch.total, batch.model)
        return Work(batch, pages, file, contents, self.pulse)

    async def _meanwhile(self, work: Callable[[], T]) -> T:
        """Have a thread read or write much, and beat until it has."""
        job = asyncio.ensure_future(asyncio.to_thread(work))
        while not job.done():
            await self.pulse.beat()
            await asyncio.wait({job}, timeout=self.pulse.times.tick)
        return job.result()


def _with(due: list[Batch]) -> Callable[[], Awaitable[list[Batch]]]:
    """What claims these first, and then whatever is due besides."""
    first = [due]

    async def claim() -> list[Batch]:
        return first.pop() if first else await _due()

    return claim


async def _due() -> list[Batch]:
    """None, while the database is away: those under way must still be closed."""
    try:
        return await in_db(claim_due_batches)(now=timezone.now())
    except (Error, DatabaseAway):
        log.exception("No batch can be taken just now.")
        return []
