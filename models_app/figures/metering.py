"""From what meters showed at two moments to speeds and waits; pure.

Counters begin anew when a server is started anew: what one shows then is what was added.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import accumulate
from math import inf
from typing import Final

Counts = Mapping[str, float]
"""What each engine has counted since it began."""
Bounds = Mapping[str, tuple[tuple[float | None, float], ...]]
"""Of each engine, how many took at most so many seconds; None: however long."""

WINDOW: Final = 300.0
"""Seconds that the waits for first tokens are gathered over."""
APART: Final = 30.0
"""Seconds between two readings that are kept for that."""


@dataclass(frozen=True, slots=True)
class Streamed:
    """What came to us of the replies that a server writes now: tokens a second by now, and
    how many of each, by its ticket."""

    speed: float = 0.0
    written: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Reading:
    """What the counters of a server showed at Unix time `at`.

    `written` is what had come to us by then, by ticket; `owed` are the tokens of it that
    the counters may not know yet.
    """

    at: float
    generated: Counts = field(default_factory=dict)
    first_token: Bounds = field(default_factory=dict)
    written: Mapping[str, int] = field(default_factory=dict)
    owed: float = 0.0


def reading_of(
    at: float,
    generated: Counts,
    first_token: Mapping[str, Mapping[float, float]],
    written: Mapping[str, int] | None = None,
) -> Reading:
    """The same as can be written as JSON, which knows no `inf`."""
    bounds = {
        engine: tuple(
            (None if bound == inf else bound, counted)
            for bound, counted in sorted(buckets.items())
        )
        for engine, buckets in first_token.items()
    }
    return Reading(at, dict(generated), bounds, dict(written or {}))


def kept(readings: Sequence[Reading], newest: Reading) -> tuple[Reading, ...]:
    """The readings to keep, oldest first: the newest, and those it is compared with.

    Those of a clock that was put back since are let go.
    """
    old = [e for e in readings if 0 < newest.at - e.at <= WINDOW + APART]
    spaced: list[Reading] = []
    for each in old[:-1]:
        if not spaced or each.at - spaced[-1].at >= APART:
            spaced.append(each)
    return (*spaced, *old[-1:], newest)


def tokens_per_second(before: Reading, now: Reading) -> float | None:
    """What all engines wrote between two readings; None where none was seen twice."""
    seconds = now.at - before.at
    both = before.generated.keys() & now.generated.keys()
    if seconds <= 0 or not both:
        return None
    added = (increase(before.generated[e], now.generated[e]) for e in both)
    return sum(added) / seconds


def speed_beside(before: Reading, now: Reading, streamed: Streamed) -> float | None:
    """The same where some of it comes to us, which is known sooner.

    llama.cpp counts a reply when it is over: until then what has come to us is its speed,
    and then it is not counted once more.
    """
    counted = tokens_per_second(before, now)
    if counted is None:
        return None
    seconds = now.at - before.at
    beyond = counted * seconds - before.owed - _came(before, now)
    return streamed.speed + max(0.0, beyond) / seconds


def with_owed(before: Reading, now: Reading) -> Reading:
    """The newest reading with what its counters may not know yet.

    What is over they know, or never will: no more is owed than of replies that ran since.
    """
    seconds = now.at - before.at
    counted = (tokens_per_second(before, now) or 0) * max(seconds, 0)
    owed = before.owed + _came(before, now) - counted
    most = sum({**before.written, **now.written}.values())
    return replace(now, owed=min(max(0.0, owed), most))


def _came(before: Reading, now: Reading) -> int:
    """How many tokens came to us in between."""
    gains = (now.written[e] - before.written.get(e, 0) for e in now.written)
    return sum(max(0, each) for each in gains)


def increase(before: float, now: float) -> float:
    """What a counter has gained, also when it began anew meanwhile."""
    return now - before if now >= before else now


def gained(before: Reading, now: Reading) -> dict[float, float]:
    """How many replies began within so many seconds, of those between two readings."""
    total: dict[float, float] = {}
    for engine in before.first_token.keys() & now.first_token.keys():
        old = dict(before.first_token[engine])
        new = dict(now.first_token[engine])
        anew = any(counted < old.get(bound, 0) for bound, counted in new.items())
        for bound, counted in new.items():
            seconds = inf if bound is None else bound
            added = counted if anew else counted - old.get(bound, 0)
            total[seconds] = total.get(seconds, 0) + added
    return total


def quantile(share: float, buckets: Mapping[float, float]) -> float | None:
    """Below how many seconds this share of them lies; None where there are none.

    As Prometheus' `histogram_quantile` reckons: evenly spread within the bucket in which
    the share is reached, and the last finite bound where that has no end.
    """
    bounds = sorted(buckets)
    counts = list(accumulate((buckets[each] for each in bounds), max))
    if not counts or counts[-1] <= 0:
        return None
    wanted, low, below = share * counts[-1], 0.0, 0.0
    for bound, counted in zip(bounds, counts, strict=True):
        if counted >= wanted and counted > below:
            if bound == inf:
                return low if bounds[0] < inf else None
            return low + (bound - low) * max(wanted - below, 0) / (counted - below)
        low, below = bound, counted
    return None
