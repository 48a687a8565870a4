"""Whether the keys for which something is being answered still let anybody in."""

import asyncio
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from django.utils import timezone

from dashboard.live.background import in_background
from dashboard.live.db import in_db
from models_app.models import ApiKey

SECONDS: Final = 0.8
"""Between two looks: what is under way for a key that was revoked ends within a second."""


@dataclass(slots=True)
class _Watched:
    ended: asyncio.Future[None]
    answers: int = 0


class _Watch:
    """One query a second for all answers of the process, and none while there are none."""

    def __init__(self) -> None:
        self._keys: dict[int, _Watched] = {}
        self._next: asyncio.TimerHandle | None = None

    @contextmanager
    def while_good(self, key: int | None) -> Iterator[asyncio.Future[None]]:
        """What is done once the key is revoked, has expired, or its person may not come in;
        never without a key."""
        loop = asyncio.get_running_loop()
        if key is None:
            yield loop.create_future()
            return
        watched = self._keys.setdefault(key, _Watched(loop.create_future()))
        watched.answers += 1
        self._look_later()
        try:
            yield watched.ended
        finally:
            watched.answers -= 1
            if not watched.answers:
                del self._keys[key]
            if not self._keys:
                self._rest()

    def _look_later(self) -> None:
        if self._next is None:
            loop = asyncio.get_running_loop()
            self._next = loop.call_later(SECONDS, self._begin)

    def _rest(self) -> None:
        if self._next:
            self._next.cancel()
        self._next = None

    def _begin(self) -> None:
        in_background(self._look())

    async def _look(self) -> None:
        """While the database is away, nothing ends."""
        asked = set(self._keys)
        try:
            good = await in_db(_good)(asked)
            for key in asked - good:
                self._end(key)
        finally:
            self._rest()
            if self._keys:
                self._look_later()

    def _end(self, key: int) -> None:
        watched = self._keys.get(key)
        if watched and not watched.ended.done():
            watched.ended.set_result(None)


_watch = _Watch()
while_good = _watch.while_good


def _good(keys: Iterable[int]) -> set[int]:
    live = ApiKey.objects.live(timezone.now())
    found = live.filter(pk__in=keys, person__is_active=True)
    return set(found.values_list("pk", flat=True))
