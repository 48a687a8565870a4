"""What a host has to say, on its way to Redis: kept while that is away, and sent then."""

import logging
import random
from collections import deque
from collections.abc import Callable

import redis

from models_app.gpu.keys import STREAM_LENGTH, WATCH_SECONDS, WATCHED, samples_key

log = logging.getLogger(__name__)

FIELD = "sample"
PATIENCE = 2.0
"""Seconds for Redis to answer; nothing else waits meanwhile."""
SHORTEST, LONGEST = 1.0, 10.0
"""Seconds between two attempts to reach it; the pause doubles."""
SHUT_OUT_AFTER, SHUT_OUT_PAUSE = 20.0, 60.0
"""Seconds of refusals after which this host is not wanted any more, and between two
attempts from then on. A Redis that began anew refuses it as well, until Paddock has told it
of its hosts, within seconds."""
SHUT_OUT = """\
Paddock does not let %(node)s in any more (%(failure)s): it was removed there, or given a \
new secret. To show it again, have an administrator run “manage.py add_node %(node)s”, with \
“--new-secret” where it is still listed, and start the agent with the line which that \
prints. Else end this agent. It is tried again each minute."""


class Outbox:
    """The newest samples that Redis has not taken, and whether somebody watches."""

    def __init__(
        self,
        link: "redis.Redis",
        *,
        node: str,
        delivered: Callable[[], object] = lambda: None,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._delivered, self._node = delivered, node
        self._link, self._key, self._jitter = link, samples_key(node), jitter
        self._waiting: deque[bytes] = deque(maxlen=STREAM_LENGTH)
        self._away_since: float | None = None
        self._refused_since: float | None = None
        self._is_shut_out = False
        self._again_at = 0.0
        self._pause = SHORTEST
        self._watched = False
        self._heard_at = float("-inf")

    @property
    def waiting(self) -> int:
        return len(self._waiting)

    def add(self, sample: bytes) -> None:
        """Have it sent; of more than there is room for, the oldest goes."""
        self._waiting.append(sample)

    def watched(self, now: float) -> bool:
        """Whether somebody looked, as far as is known; a word of it does not last."""
        return self._watched and now - self._heard_at < WATCH_SECONDS

    def exchange(self, now: float) -> None:
        """Send what waits and hear whether somebody watches, in one round trip."""
        if now < self._again_at:
            return
        sent = list(self._waiting)
        try:
            *_, watched = self._round_trip(sent)
        except (redis.RedisError, OSError) as failure:
            self._failed(failure, now)
            return
        for _ in sent:
            self._waiting.popleft()
        self._watched, self._heard_at = bool(watched), now
        self._succeeded()
        self._delivered()

    def _round_trip(self, samples: list[bytes]) -> list[object]:
        with self._link.pipeline(transaction=False) as pipeline:
            for sample in samples:
                pipeline.xadd(
                    self._key, {FIELD: sample}, maxlen=STREAM_LENGTH, approximate=True
                )
            pipeline.exists(WATCHED)
            return list(pipeline.execute())

    def _failed(self, failure: Exception, now: float) -> None:
        if self._away_since is None:
            self._away_since = now
            log.warning("Samples wait, for Redis does not take them: %s", failure)
        self._again_at = now + self._pause * (0.5 + self._jitter() / 2)
        self._pause = min(LONGEST, self._pause * 2)
        if isinstance(failure, redis.AuthenticationError):
            self._refused(failure, now)
        else:
            self._refused_since = None

    def _refused(self, failure: Exception, now: float) -> None:
        if self._refused_since is None:
            self._refused_since = now
        if now - self._refused_since < SHUT_OUT_AFTER:
            return
        if not self._is_shut_out:
            said = str(failure).rstrip(".")
            log.warning(SHUT_OUT, {"node": self._node, "failure": said})
        self._is_shut_out, self._again_at = True, now + SHUT_OUT_PAUSE

    def _succeeded(self) -> None:
        if self._away_since is not None:
            log.warning("Redis takes samples again.")
        self._away_since, self._pause = None, SHORTEST
        self._refused_since, self._is_shut_out = None, False


def link_to(url: str) -> "redis.Redis":
    """A link that fails soon, and by itself tries nothing twice."""
    return redis.Redis.from_url(
        url,
        socket_timeout=PATIENCE,
        socket_connect_timeout=PATIENCE,
        retry=redis.retry.Retry(redis.backoff.NoBackoff(), 0),
    )
