"""What keeps a batch ours while it is worked on, and says when that is to end."""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

from django.db import Error
from django.utils import timezone

from dashboard.errors import DatabaseAway
from dashboard.live.db import in_db
from models_app.gateway.callers import Caller, caller_behind
from models_app.models import Batch
from models_app.services.batches import Order, Standing, checkpoint

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Times:
    """What is waited for, in seconds by `clock`."""

    clock: Callable[[], float] = time.monotonic
    tick: float = 0.5
    """Between two checkpoints, and until a cancel or a revoked key is heard."""
    short: float = 10.0
    """A rest that is longer is spent without a puller."""
    broken: float = 5.0
    """Before anything is asked again of a server that failed at a line."""
    tries: int = 3
    """Of a line at which servers fail."""


class Ending(Enum):
    """Why a batch is worked on no longer."""

    WHOLE = auto()
    STOPPED = auto()
    EXPIRED = auto()
    LEFT = auto()
    HANDED_ON = auto()
    RESTS = auto()


ORDERS: Final = {Order.STOP: Ending.STOPPED, Order.LEAVE: Ending.LEFT}
UNREAD: Final = Standing(None, 0, 0)


class Pulse:
    """Beats once a tick, and reads anew who asks and what their key may."""

    def __init__(self, batch: Batch, working: Callable[[], bool], times: Times) -> None:
        self.batch, self.times = batch, times
        self._working = working
        self._caller: Caller | None = None
        self._heard_at = float("-inf")

    async def caller(self) -> Caller:
        """Whoever asks, as of a moment ago; `KeyUnknown` once the key lets nobody in."""
        if self._caller is None:
            self._caller = await in_db(caller_behind)(self.batch)
        return self._caller

    async def heard(self, standing: Standing) -> Ending | None:
        """Why the work is to end, if it is; or `KeyUnknown`. Costs nothing within a tick."""
        if not self._working():
            return Ending.HANDED_ON
        now = self.times.clock()
        if now - self._heard_at < self.times.tick:
            return None
        self._heard_at = now
        if ending := await self.beat(standing):
            return ending
        if timezone.now() >= self.batch.expires_at:
            return Ending.EXPIRED
        self._caller = await in_db(caller_behind)(self.batch)
        return None

    async def beat(self, standing: Standing = UNREAD) -> Ending | None:
        """Save where it stands; a database that is away ends no batch."""
        try:
            order = await in_db(checkpoint)(self.batch, standing)
        except (Error, DatabaseAway):
            log.exception("%s goes on unsaved.", self.batch)
            return None
        return ORDERS.get(order)
