"""Reading the streams of all hosts, which they alone write: as suspicious as it must be."""

import logging
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import redis

from models_app.gpu.keys import STREAM_LENGTH, samples_key

log = logging.getLogger(__name__)

AT_ONCE = 32
BEGINNING = "0-0"


@dataclass(frozen=True, slots=True)
class Arrival:
    """What a host has put into its stream; `received` is our time of that."""

    node: str
    received: float
    raw: bytes


class Streams:
    """Where in each stream we are."""

    def __init__(
        self, link: redis.Redis, *, clock: Callable[[], float] = time.time
    ) -> None:
        self.link, self.clock = link, clock
        self._places: dict[str, str] = {}
        self._ahead = 0.0

    def follow(self, names: Iterable[str]) -> None:
        """Read these from now on, and put right what their hosts may have done to them.

        A stream that was made anew counts from below the place that we have reached; a
        key that is no stream would end the reading of all.
        """
        self._places = {name: self._places.get(name, BEGINNING) for name in names}
        keys = [samples_key(name) for name in self._places]
        with self.link.pipeline(transaction=False) as together:
            together.time()
            for key in keys:
                together.type(key)
            seconds, *kinds = together.execute()
        self._ahead = self.clock() - (seconds[0] + seconds[1] / 1e6)
        odd = [
            key
            for key, kind in zip(keys, kinds, strict=True)
            if kind not in (b"stream", b"none")
        ]
        if odd:
            log.warning("No streams, and deleted: %s", ", ".join(odd))
            self.link.delete(*odd)
        self._tidy(
            [
                name
                for name, kind in zip(self._places, kinds, strict=True)
                if kind == b"stream"
            ]
        )

    def _tidy(self, names: list[str]) -> None:
        with self.link.pipeline(transaction=False) as together:
            for name in names:
                together.xtrim(samples_key(name), 2 * STREAM_LENGTH, approximate=True)
                together.xrevrange(samples_key(name), count=1)
            newest = together.execute()[1::2] if names else []
        for name, entries in zip(names, newest, strict=True):
            if entries and _order(entries[0][0]) < _order(self._places[name].encode()):
                self._places[name] = BEGINNING

    def read(self, *, wait: float) -> list[Arrival]:
        """What is new, waiting for at most so many seconds."""
        if not self._places:
            return []
        places: dict[Any, Any] = {
            samples_key(name): place for name, place in self._places.items()
        }
        block = max(1, round(wait * 1000))
        answer: Any = self.link.xread(places, count=AT_ONCE, block=block) or []
        names = {samples_key(name).encode(): name for name in self._places}
        return [
            self._arrival(names[key], entry, fields)
            for key, entries in answer
            for entry, fields in entries
        ]

    def _arrival(
        self, name: str, entry: bytes, fields: dict[bytes, bytes] | None
    ) -> Arrival:
        """Its id tells when Redis got it, unless the host made that up."""
        self._places[name] = entry.decode()
        now = self.clock()
        told = _order(entry)[0] / 1000 + self._ahead
        return Arrival(name, min(told, now), (fields or {}).get(b"sample", b""))


def _order(entry: bytes) -> tuple[int, int]:
    milliseconds, _dash, count = entry.partition(b"-")
    return int(milliseconds), int(count)
