"""Reading the streams of all hosts, which they alone write: as suspicious as it must be.

One script in Redis looks at each stream before anything of it travels: it must be a
stream, no larger than samples are, and no fuller. Nothing waits in Redis for a host, so
that none can wake us more often than we like or answer with more than we asked for.
"""

import logging
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import redis

from models_app.gpu.keys import STREAM_LENGTH, WATCHED, samples_key
from models_app.gpu.samples import MOST_BYTES
from models_app.nodes.intake.allowance import Allowance
from models_app.nodes.intake.reading import READ
from models_app.nodes.troubles import Trouble

log = logging.getLogger(__name__)

LONGEST = 2 * STREAM_LENGTH
"""Samples that a stream may hold: its host keeps about half as many."""
FAR_TOO_LONG = 10_000
"""Samples from which on a stream is thrown away, because trimming it would take long."""
LARGEST = 8 * 2**20
"""Bytes that a stream may take in Redis; sixteen cards need half of them."""
BYTES_AT_ONCE = 4 * 2**20
"""Of one host's samples in one round; the newest are taken."""
BEGINNING = "0-0"
SAID = {
    b"odd": Trouble.NO_STREAM,
    b"large": Trouble.TOO_LARGE,
    b"long": Trouble.FLOOD,
    b"flood": Trouble.FLOOD,
}
THROWN_AWAY = (b"odd", b"large", b"long")

Entry = tuple[bytes, bytes]


@dataclass(frozen=True, slots=True)
class Arrival:
    """What a host has put into its stream; `received` is our time of that."""

    node: str
    received: float
    raw: bytes


@dataclass(frozen=True, slots=True)
class Round:
    """What all streams had; `troubles` are of hosts that put in what they should not."""

    arrivals: list[Arrival] = field(default_factory=list)
    troubles: dict[str, Trouble] = field(default_factory=dict)
    watched: bool = False


class Streams:
    """Where in each stream we are."""

    def __init__(
        self, link: redis.Redis, *, clock: Callable[[], float] = time.time
    ) -> None:
        self.clock = clock
        self._script = link.register_script(READ)
        self._places: dict[str, str] = {}
        self._allowances: dict[str, Allowance] = {}
        self._ahead = 0.0
        self._looks_back = True

    def follow(self, names: Iterable[str]) -> None:
        """Read these from now on; the next round also finds streams that began anew, which
        count from below the place that we have reached."""
        self._places = {name: self._places.get(name, BEGINNING) for name in names}
        known = self._allowances
        self._allowances = {n: known.get(n) or Allowance() for n in self._places}
        self._looks_back = True

    def read(self) -> Round:
        """What is new, at once: of each host no more than it may say, and the newest."""
        now = self.clock()
        names = list(self._places)
        limits = (LONGEST, FAR_TOO_LONG, LARGEST, BYTES_AT_ONCE, MOST_BYTES + 1)
        asked = [(self._places[n], self._allowances[n].left(now)) for n in names]
        answer: Any = self._script(
            keys=[WATCHED, *(samples_key(name) for name in names)],
            args=[*limits, int(self._looks_back), *(part for a in asked for part in a)],
        )
        (seconds, thousandths), watched, *streams = answer
        if self._looks_back:
            self._ahead = self.clock() - (int(seconds) + int(thousandths) / 1e6)
        found = Round(watched=bool(watched))
        for name, stream in zip(names, streams, strict=True):
            self._sort_in(found, name, *stream)
        self._looks_back = False
        return found

    def _sort_in(self, found: Round, name: str, said: bytes, *entries: Entry) -> None:
        if trouble := SAID.get(said):
            found.troubles[name] = trouble
        if said in THROWN_AWAY:
            # A new one may count from anywhere.
            self._places[name] = BEGINNING
            self._allowances[name].rest()
        self._allowances[name].spend(len(entries))
        found.arrivals.extend(self._arrival(name, *each) for each in entries)
        if entries:
            self._places[name] = entries[-1][0].decode()

    def _arrival(self, name: str, entry: bytes, raw: bytes) -> Arrival:
        """Its id tells when Redis got it, unless the host made that up."""
        told = int(entry.partition(b"-")[0]) / 1000 + self._ahead
        return Arrival(name, min(told, self.clock()), raw)
