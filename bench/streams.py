"""One streamed reply as its reader saw it, and what many of them come to."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass


class Wrong(Exception):
    """A reply that is not what the fake server said; no speed makes up for that."""


Arrival = tuple[float, int]
"""When text came, and how many tokens were in it."""


@dataclass(frozen=True, slots=True)
class Stream:
    """Times in seconds of one clock; `received` is what came over the wire, in bytes."""

    asked_at: float
    arrivals: list[Arrival]
    received: int

    @property
    def first_at(self) -> float:
        return self.arrivals[0][0]

    @property
    def last_at(self) -> float:
        return self.arrivals[-1][0]

    @property
    def tokens(self) -> int:
        return sum(count for _, count in self.arrivals)

    @property
    def first_ms(self) -> float:
        return (self.first_at - self.asked_at) * 1000


def tokens_in(streams: Sequence[Stream]) -> int:
    return sum(each.tokens for each in streams)


def overall_rate(streams: Sequence[Stream]) -> float:
    """Tokens a second from the first question to the last text, the start included."""
    began = min(each.asked_at for each in streams)
    ended = max(each.last_at for each in streams)
    return tokens_in(streams) / (ended - began)


def steady_rate(streams: Sequence[Stream]) -> float:
    """Tokens a second while all of them stream: after the last start, before any end."""
    began = max(each.first_at for each in streams)
    ended = min(each.last_at for each in streams)
    arrivals = (arrival for each in streams for arrival in each.arrivals)
    return sum(count for at, count in arrivals if began < at <= ended) / (ended - began)


def bytes_per_token(streams: Sequence[Stream]) -> float:
    return sum(each.received for each in streams) / tokens_in(streams)


def first_token_ms(streams: Sequence[Stream], *, percent: int) -> float:
    """The percentile of the times to the first token."""
    times = sorted(each.first_ms for each in streams)
    if len(times) < 2:
        return times[0]
    return statistics.quantiles(times, n=100, method="inclusive")[percent - 1]
