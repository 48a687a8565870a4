"""What a page reads of Redis: soon, or not at all.

A page shows what the database knows as well. So it waits a moment for Redis and never twice,
and after Redis has let it wait, those that come in the next seconds do not even ask.
"""

import functools
import logging
import time
from collections.abc import Callable
from typing import Final, TypeVar

import redis
from django.conf import settings
from redis.backoff import NoBackoff
from redis.retry import Retry

T = TypeVar("T")

log = logging.getLogger(__name__)

PATIENCE: Final = 0.5
"""Seconds that a page waits for an answer."""
REST: Final = 5.0
"""Seconds for which nobody asks a Redis that did not answer."""


class Glance:
    """Reads of Redis by a link of its own; `clock` counts seconds."""

    def __init__(self, url: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._rests_until = float("-inf")
        self._link = redis.Redis.from_url(
            url,
            socket_timeout=PATIENCE,
            socket_connect_timeout=PATIENCE,
            retry=Retry(NoBackoff(), 0),
        )

    def __call__(self, read: Callable[[redis.Redis], T]) -> T | None:
        """What `read` has found; None while Redis is away or does not answer."""
        if self._clock() < self._rests_until:
            return None
        try:
            return read(self._link)
        except redis.TimeoutError as silence:
            self._rests_until = self._clock() + REST
            log.warning("Redis does not answer, so pages do without it: %s", silence)
        except (redis.RedisError, OSError) as failure:
            log.warning("Redis cannot be read for a page: %s", failure)
        return None


def glance(read: Callable[[redis.Redis], T]) -> T | None:
    """The same by the link of this process."""
    return glance_here()(read)


@functools.cache
def glance_here() -> Glance:
    return Glance(settings.REDIS_URL)
