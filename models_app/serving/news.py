"""Telling the pages that somebody came to the door or left it, at most twice a second.

It stands beside the way of a reply, and never on it: nothing waits for it, and what goes
wrong here is a line in the log.
"""

import asyncio
from typing import Final

from dashboard.live.background import in_background
from dashboard.live.bus import emit
from dashboard.live.events import ServingChanged

PAUSE: Final = 0.5
"""Seconds between two words about it from one process."""


class News:
    """Tells at once, and what comes within the pause once more after it."""

    def __init__(self, pause: float = PAUSE) -> None:
        self._pause = pause
        self._more = False
        self._telling: asyncio.Task[None] | None = None

    def changed(self) -> None:
        """Somebody else is being served; returns at once. Only from a running loop."""
        self._more = True
        here = asyncio.get_running_loop()
        telling = self._telling
        if telling is None or telling.done() or telling.get_loop() is not here:
            self._telling = in_background(self._tell())

    async def _tell(self) -> None:
        while self._more:
            self._more = False
            await emit(ServingChanged())
            await asyncio.sleep(self._pause)


_news = News()


def serving_changed() -> None:
    """Say that somebody came to the door, was given a place, or left."""
    _news.changed()
