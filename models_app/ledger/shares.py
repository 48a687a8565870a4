"""What each generation took of the cards that it ran on; no database and no clock.

A card does the work of all that run on it at once, and no driver tells them apart. So of
each stretch, the part in which any of them ran is shared out among those by the tokens that
they read and write in it. Writing a token costs ten to fifty times as much as reading one,
and one that is in the cache costs next to nothing (reference/gpu.md, section 7): a token
that is read counts a tenth, one from the cache nothing, and those of a generation count as
spread evenly over its time. Where the tokens of any of them are unknown, all share that
stretch by time alone.

A GPU-second is a second in which one card was busy, by its driver ("time busy"): two cards
at half their time for ten seconds are ten. What a card draws while a generation runs counts
whole, idle floor included; what it draws between generations is nobody's. So the shares of
a stretch never come to more than the cards took.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

READING = 0.1
"""What reading a token costs of what writing one does, at the most."""


@dataclass(frozen=True, slots=True)
class Work:
    """A generation: from when to when it ran (Unix times), on which cards, and the weight
    of its tokens, None where they are not known."""

    key: int
    since: float
    until: float
    cards: frozenset[int]
    weight: float | None = None

    @property
    def rate(self) -> float | None:
        return None if self.weight is None else self.weight / (self.until - self.since)


@dataclass(frozen=True, slots=True)
class Stretch:
    """What a card did in some seconds: joules, and the share of the time that it was busy,
    from 0 to 1; None where nobody told."""

    card: int
    since: float
    seconds: float
    joules: float | None
    busy: float | None

    @property
    def until(self) -> float:
        return self.since + self.seconds


@dataclass(frozen=True, slots=True)
class Share:
    """What a generation took, as far as it is known; None where nothing of it is."""

    gpu_seconds: float | None = None
    joules: float | None = None

    def plus(self, busy: float | None, joules: float | None) -> "Share":
        return Share(_sum(self.gpu_seconds, busy), _sum(self.joules, joules))


def weight_of(
    prompt: int | None, completion: int | None, cached: int | None
) -> float | None:
    """What the tokens of a generation count; None unless what was written is known."""
    if completion is None:
        return None
    read = max((prompt or 0) - (cached or 0), 0)
    return completion + READING * read


def shared_out(works: Iterable[Work], stretches: Iterable[Stretch]) -> dict[int, Share]:
    """The share of each generation, by its key."""
    shares: dict[int, Share] = defaultdict(Share)
    running: dict[int, list[Work]] = defaultdict(list)
    for work in works:
        if work.until > work.since:
            for card in work.cards:
                running[card].append(work)
    told: dict[int, list[Stretch]] = defaultdict(list)
    for stretch in stretches:
        told[stretch.card].append(stretch)
    for card, on_card in running.items():
        for stretch, those in _meeting(on_card, told[card]):
            for key, part in _parts(stretch, those):
                joules = None if stretch.joules is None else stretch.joules * part
                seconds = stretch.seconds * part
                busy = None if stretch.busy is None else stretch.busy * seconds
                shares[key] = shares[key].plus(busy, joules)
    return dict(shares)


def _meeting(
    works: Iterable[Work], stretches: Iterable[Stretch]
) -> Iterator[tuple[Stretch, list[Work]]]:
    """Each stretch with those that run in it."""
    coming = sorted(works, key=lambda each: each.since, reverse=True)
    here: list[Work] = []
    for stretch in sorted(stretches, key=lambda each: each.since):
        while coming and coming[-1].since < stretch.until:
            here.append(coming.pop())
        here = [each for each in here if each.until > stretch.since]
        if here:
            yield stretch, here


def _parts(stretch: Stretch, works: Sequence[Work]) -> Iterator[tuple[int, float]]:
    """Of each of them, in the order in which they began, which part of it is theirs."""
    spans = [
        (max(each.since, stretch.since), min(each.until, stretch.until))
        for each in works
    ]
    used = _covered(spans) / stretch.seconds
    claims = _claims(works, [until - since for since, until in spans])
    whole = sum(claims)
    for work, claim in zip(works, claims, strict=True):
        yield work.key, used * claim / whole


def _covered(spans: Iterable[tuple[float, float]]) -> float:
    """For how long any of these was, given by their beginnings."""
    length, end = 0.0, float("-inf")
    for since, until in spans:
        length += max(0.0, until - max(since, end))
        end = max(end, until)
    return length


def _claims(works: Sequence[Work], seconds: Sequence[float]) -> Sequence[float]:
    """Tokens in that time; the time itself where not all are known, or there are none."""
    rates = [each.rate for each in works]
    known = [each for each in rates if each is not None]
    if len(known) < len(rates):
        return seconds
    tokens = [rate * time for rate, time in zip(known, seconds, strict=True)]
    return tokens if any(tokens) else seconds


def _sum(one: float | None, other: float | None) -> float | None:
    return other if one is None else one if other is None else one + other
