"""One batch under way in this process, from the first line that is left to its end."""

import asyncio
import logging
from collections import Counter, deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO

from dashboard.errors import DashboardError, LineExpired, NoRoomForBatch
from dashboard.live.db import in_db
from models_app.batches.lines import Contents, Line, lines_in
from models_app.batches.pages import Pages
from models_app.gateway.batches.lines import (
    Admitted,
    admit,
    answered,
    refused,
    rest_after,
    unasked,
)
from models_app.gateway.batches.pulse import Ending, Pulse
from models_app.gateway.refusals import status_of
from models_app.models import Batch
from models_app.services.batches import Standing

log = logging.getLogger(__name__)


class Work:
    """Asks what is left, a few lines at once, and writes down what becomes of each."""

    def __init__(
        self,
        batch: Batch,
        pages: Pages,
        file: BinaryIO,
        contents: Contents,
        pulse: Pulse,
    ) -> None:
        self.batch, self.pages, self.contents = batch, pages, contents
        self.why: DashboardError | None = None
        """What it rests for, until `rest_ends` by the clock."""
        self.rest_ends = 0.0
        self._file, self._pulse, self._times = file, pulse, pulse.times
        self._room = 1
        self._under_way: set[asyncio.Task[None]] = set()
        self._again: deque[Line] = deque()
        self._tries: Counter[int] = Counter()

    @property
    def standing(self) -> Standing:
        return Standing(
            total=self.contents.lines,
            completed=len(self.pages.answered),
            failed=len(self.pages.failed),
            model=self.contents.model,
        )

    @property
    def rest_left(self) -> float:
        """Seconds for which nothing more is asked."""
        return max(0.0, self.rest_ends - self._times.clock())

    async def until_the_end(self) -> Ending:
        """Ask what is left of the lines, until there is a reason not to."""
        lines = self._left()
        try:
            while True:
                self._collect()
                if ending := await self._pulse.heard(self.standing):
                    return ending
                if self.rest_left or len(self._under_way) >= self._room:
                    if not self._under_way and self.rest_left > self._times.short:
                        return Ending.RESTS
                    await self._wait()
                elif (
                    line := self._again.popleft() if self._again else next(lines, None)
                ):
                    await self._take(line)
                elif self._under_way:
                    await self._wait()
                else:
                    return Ending.WHOLE
        finally:
            await self._leave()

    def expire(self) -> None:
        """Write down of all that is left that it was not asked."""
        for line in self._left():
            self.pages.write(line.number, unasked(line, LineExpired()), failed=True)

    def _left(self) -> Iterator[Line]:
        self._file.seek(0)
        lines = lines_in(self._file, self.batch.endpoint)
        return (each for each in lines if not self.pages.is_done(each.number))

    async def _take(self, line: Line) -> None:
        """Ask a line, or write down why it cannot be asked."""
        if line.error is not None:
            self.pages.write(line.number, unasked(line, line.error), failed=True)
            # Whoever else works in this thread goes on meanwhile.
            await asyncio.sleep(0)
            return
        caller = await self._pulse.caller()
        with self._failing(line):
            admitted = await in_db(admit)(caller, line, self.batch.endpoint)
            self._room = admitted.room
            task = asyncio.ensure_future(self._ask(line, admitted))
            self._under_way.add(task)

    async def _ask(self, line: Line, admitted: Admitted) -> None:
        with self._failing(line):
            said = await answered(line, admitted.asking)
            self.pages.write(line.number, said, failed=False)

    @contextmanager
    def _failing(self, line: Line) -> Iterator[None]:
        """What fails is asked again later, or written down; a full disk ends all."""
        try:
            yield
        except NoRoomForBatch:
            raise
        except DashboardError as failure:
            if not self._may_wait(line, failure):
                self._refuse(line, failure)
        except Exception:
            log.exception("Line %s of %s failed.", line.number, self.batch)
            self._refuse(line, DashboardError())

    def _may_wait(self, line: Line, failure: DashboardError) -> bool:
        """Whether the line is asked again, after a rest of all the batch."""
        seconds = rest_after(failure)
        if seconds is None:
            self._tries[line.number] += 1
            tried = self._tries[line.number] >= self._times.tries
            if status_of(failure) < 500 or tried:
                return False
            seconds = self._times.broken
        self._again.appendleft(line)
        if seconds:
            ends = self._times.clock() + seconds
            self.rest_ends, self.why = max(self.rest_ends, ends), failure
        return True

    def _refuse(self, line: Line, failure: DashboardError) -> None:
        self.pages.write(line.number, refused(line, failure), failed=True)

    def _collect(self) -> None:
        """Forget what is over; raises what ends all."""
        for task in [each for each in self._under_way if each.done()]:
            self._under_way.discard(task)
            task.result()

    async def _wait(self) -> None:
        """Until a line is over, a tick at most."""
        seconds = min(self._times.tick, self.rest_left or self._times.tick)
        if self._under_way:
            first = asyncio.FIRST_COMPLETED
            await asyncio.wait(self._under_way, timeout=seconds, return_when=first)
        else:
            await asyncio.sleep(seconds)

    async def _leave(self) -> None:
        """Hang up on all that is being answered."""
        for task in self._under_way:
            task.cancel()
        await asyncio.gather(*self._under_way, return_exceptions=True)
