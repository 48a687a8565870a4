"""How far a page is behind: what it was sent and has not yet said that it got.

No server tells: Daphne's send never waits, it buffers without bound.
"""

from collections import deque
from dataclasses import dataclass, field

from dashboard.errors import BadCommand

LIMIT = 512 * 1024
"""Bytes on their way to one page, beyond which it gets no events."""
UTMOST = 2 * LIMIT
"""Bytes on their way to a page that asks on and reads nothing, beyond which it is cut."""


@dataclass(slots=True)
class Backlog:
    """The frames on their way to one page; once `behind`, it misses every event."""

    sizes: deque[int] = field(default_factory=deque)
    size: int = 0
    sent: int = 0
    behind: bool = False

    def has_room(self, frame: str) -> bool:
        """Whether an event may be sent; after the first that may not, none may."""
        if self.size and self.size + size_of(frame) > LIMIT:
            self.behind = True
        return not self.behind

    def add(self, frame: str) -> None:
        self.sizes.append(size_of(frame))
        self.size += self.sizes[-1]
        self.sent += 1

    def acknowledge(self, frames: int) -> bool:
        """The page got so many frames in all; True when it has just caught up."""
        news = frames - (self.sent - len(self.sizes))
        if not 0 <= news <= len(self.sizes):
            raise BadCommand(detail="field frames")
        for _ in range(news):
            self.size -= self.sizes.popleft()
        caught_up = self.behind and self.size < LIMIT // 2
        self.behind = self.behind and not caught_up
        return caught_up


def size_of(frame: str) -> int:
    """Its bytes on the wire."""
    return len(frame) if frame.isascii() else len(frame.encode())
