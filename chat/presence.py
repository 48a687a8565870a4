"""Who has a conversation open: heartbeats in Redis, each with its time to live.

Without Redis nobody is seen, and nothing else suffers.
"""

import logging
import time
from dataclasses import dataclass

import redis
from django.conf import settings
from redis.client import Pipeline

from dashboard.live.bus import link

log = logging.getLogger(__name__)

LIVES = 40
"""Seconds after which a page that has not been heard is taken for gone.

A page that is looked at beats every fifteen (static/js/together.js).
"""


@dataclass(frozen=True, slots=True)
class Presence:
    """Who is there, and whether that is new to those who are."""

    people: tuple[int, ...]
    changed: bool


def arrive(
    conversation: int, *, person: int, page: str, now: float | None = None
) -> Presence:
    """Note a heartbeat of one page; `now` in seconds."""
    now = time.time() if now is None else now
    key = _key(conversation)
    with link().pipeline() as together:
        together.zrange(key, 0, -1)
        together.zadd(key, {f"{person}:{page}": now + LIVES})
        together.expire(key, 2 * LIVES)
        return _outcome(together, key, now)


def depart(
    conversation: int, *, person: int, page: str, now: float | None = None
) -> Presence:
    """Forget one page; its person may still be there with another."""
    now = time.time() if now is None else now
    key = _key(conversation)
    with link().pipeline() as together:
        together.zrange(key, 0, -1)
        together.zrem(key, f"{person}:{page}")
        return _outcome(together, key, now)


def _outcome(together: Pipeline, key: str, now: float) -> Presence:
    together.zremrangebyscore(key, "-inf", now)
    together.zrange(key, 0, -1)
    try:
        known, *_, left = together.execute()
    except (redis.RedisError, OSError) as failure:
        log.warning("Nobody can be seen: %s", failure)
        return Presence((), changed=False)
    people = _people(left)
    return Presence(people, changed=people != _people(known))


def _people(pages: list[bytes]) -> tuple[int, ...]:
    return tuple(sorted({int(page.partition(b":")[0]) for page in pages}))


def _key(conversation: int) -> str:
    return f"{settings.LAYER_PREFIX}:presence:{conversation}"
