"""How often somebody, or a key, has asked within any minute; counted in Redis."""

import logging
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import redis

from dashboard.live.bus import link

log = logging.getLogger(__name__)

PAUSE = 5.0
"""Seconds for which nobody is counted after Redis did not answer: asks must not wait for
it one by one."""
COUNT = """
local now, limit = tonumber(ARGV[1]), tonumber(ARGV[2])
redis.call('zremrangebyscore', KEYS[1], '-inf', now - 60)
local count = redis.call('zcard', KEYS[1])
if count < limit then
    redis.call('zadd', KEYS[1], ARGV[1], ARGV[3])
    redis.call('expire', KEYS[1], 61)
    return ''
end
if limit == 0 then
    return '60'
end
local oldest = redis.call('zrange', KEYS[1], count - limit, count - limit, 'withscores')
return tostring(oldest[2] + 60 - now)
"""
"""Counts one request if there is room for it, else tells after how many seconds there is."""


@dataclass(slots=True)
class _Away:
    until: float = 0.0


_away = _Away()


def seconds_to_wait(
    whose: str,
    limit: int,
    now: datetime,
    *,
    clock: Callable[[], float] = time.monotonic,
) -> int:
    """0 when they may ask now, which is counted; else after how many seconds they may.

    Any minute counts, not those of the clock. While Redis is away nobody is limited.
    """
    if clock() < _away.until:
        return 0
    told = (now.timestamp(), limit, secrets.token_hex(8))
    try:
        waits = link().eval(COUNT, 1, f"paddock:quota:{whose}", *told)
    except (redis.RedisError, OSError) as failure:
        log.warning("Requests are not counted for now: %s", failure)
        _away.until = clock() + PAUSE
        return 0
    return max(1, round(float(waits))) if waits else 0


def give_back(whose: str) -> None:
    """Their newest request counts no more: it was let in nowhere."""
    try:
        link().zpopmax(f"paddock:quota:{whose}")
    except (redis.RedisError, OSError) as failure:
        log.warning("A request that was refused counts: %s", failure)
