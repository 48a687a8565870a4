"""The intake of what GPU hosts send, as a thread of a worker that ends with it."""

import logging
import threading
from typing import Any

import redis
from celery import bootsteps
from django.conf import settings
from django.db import connection
from redis.backoff import NoBackoff
from redis.retry import Retry

from models_app.gpu.keys import own_name
from models_app.nodes.adding import meet_own_node
from models_app.nodes.intake.intake import Intake

log = logging.getLogger(__name__)

PATIENCE = 2.5
"""Seconds for Redis to answer."""
PAUSES = (0.5, 1.0, 2.0)
"""Seconds after a failure, the more the longer it lasts."""


def intake_link() -> redis.Redis:
    """A link that fails soon, and by itself tries nothing twice."""
    return redis.Redis.from_url(
        settings.REDIS_URL,
        socket_timeout=PATIENCE,
        socket_connect_timeout=1,
        retry=Retry(NoBackoff(), 0),
    )


class IntakeThread(threading.Thread):
    """Goes on whatever happens, for nothing else would start it again."""

    def __init__(self, intake: Intake, *, own: str = "") -> None:
        super().__init__(name="intake", daemon=True)
        self.intake, self.own = intake, own
        self._stop_now = threading.Event()
        self._failures = 0

    def run(self) -> None:
        while not self._stop_now.is_set():
            self._stop_now.wait(self._step())
        self._leave()

    def stop(self) -> None:
        self._stop_now.set()
        self.join(timeout=5)

    def _step(self) -> float:
        """One step; how long to wait until the next."""
        try:
            self._meet_own()
            self.intake.step()
        except Exception as failure:
            return self._failed(failure)
        if self._failures:
            log.warning("The intake goes on.")
            self._failures = 0
        return self.intake.pause

    def _meet_own(self) -> None:
        """The host of this worker, if its cards are looked at here, adds itself."""
        if self.own:
            meet_own_node(self.own)
            self.own = ""

    def _failed(self, failure: Exception) -> float:
        """Say it once, forget what may be half done, and begin anew after a while."""
        away = isinstance(failure, redis.RedisError | OSError)
        if not self._failures:
            said = "The intake waits: %s" if away else "The intake failed: %s"
            log.warning(said, failure, exc_info=None if away else failure)
        self.intake.start_over()
        if not connection.in_atomic_block:
            connection.close()
        self._failures += 1
        return PAUSES[min(self._failures, len(PAUSES)) - 1]

    def _leave(self) -> None:
        try:
            self.intake.lease.give_back()
        except (redis.RedisError, OSError) as failure:
            log.info("The lease runs out by itself: %s", failure)
        connection.close()


class IntakeStep(bootsteps.StartStopStep):
    """Starts the intake with a worker that was told `--with-intake`."""

    requires = ("celery.worker.components:Pool",)

    def __init__(
        self,
        worker: Any,
        *,
        with_intake: bool = False,
        with_sampler: bool = False,
        **options: Any,
    ) -> None:
        super().__init__(worker, **options)
        self.enabled = with_intake
        self.own = own_name(settings.PADDOCK_NODE) if with_sampler else ""

    def create(self, worker: Any) -> IntakeThread:  # type: ignore[override] # so in the stubs
        return IntakeThread(Intake(intake_link()), own=self.own)
