"""How fast replies are being written, by what streams through here; kept with their tickets.

Some servers count a reply when it is over, and most do not count at all.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from models_app.figures.metering import Streamed
from models_app.serving.slots.wishes import Facts, TicketNow

PAUSE: Final = 1.0
"""Seconds between two words about it."""
STALE: Final = 10.0
"""Seconds after which the last word says nothing of now: tickets are renewed each two."""


@dataclass(slots=True)
class Pace:
    """Of one reply: how many pieces have come, and how many a second came of late.

    Servers send each token as a piece of its own, as a rule. Times are Unix time.
    """

    written: int = 0
    speed: float = 0.0
    at: float = 0.0
    _then: int = 0

    def count(self, at: float, pieces: int = 1) -> bool:
        """Some more came; whether it is time to say so."""
        self.written += pieces
        if not self.at:
            self.at, self._then = at, self.written
        elif (took := at - self.at) >= PAUSE:
            self.speed = (self.written - self._then) / took
            self.at, self._then = at, self.written
            return True
        return False

    def facts(self) -> dict[str, str | int | float | None]:
        return {"written": self.written, "pace": self.speed, "paced_at": self.at}


def streamed_by(tickets: Iterable[TicketNow], backend: int, *, now: float) -> Streamed:
    """What the replies that a server writes for us come to."""
    here = [each for each in tickets if each.backend == backend]
    return Streamed(
        speed=sum(pace_in(each.facts, now=now) for each in here),
        written={each.ticket: _written(each.facts) for each in here},
    )


def pace_in(facts: Facts, *, now: float) -> float:
    """How many tokens a second a ticket says that it is written at; 0 for old news."""
    pace, at = facts.get("pace"), facts.get("paced_at")
    if not isinstance(pace, int | float) or not isinstance(at, int | float):
        return 0.0
    return float(pace) if abs(now - at) <= STALE else 0.0


def _written(facts: Facts) -> int:
    written = facts.get("written")
    return written if isinstance(written, int) else 0
