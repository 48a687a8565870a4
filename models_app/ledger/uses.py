"""What some generations took together; no database."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from itertools import accumulate
from typing import TypeVar

N = TypeVar("N", int, float)


@dataclass(frozen=True, slots=True)
class Waits:
    """How often each wait came, in milliseconds to two digits; None is not known."""

    counts: Mapping[int | None, int] = field(default_factory=dict)

    def __add__(self, other: "Waits") -> "Waits":
        if not self.counts or not other.counts:
            return self if self.counts else other
        return Waits(Counter(self.counts) + Counter(other.counts))

    @property
    def median(self) -> int | None:
        """The one in the middle, the shorter of two; None without any."""
        known = sorted((ms, n) for ms, n in self.counts.items() if ms is not None)
        half = sum(n for _, n in known) / 2
        so_far = accumulate(n for _, n in known)
        return next(
            (ms for (ms, _), n in zip(known, so_far, strict=True) if n >= half), None
        )


@dataclass(frozen=True, slots=True)
class Use:
    """What some generations took; None where nobody told.

    `replies` are those that were written, also if somebody stopped them; `failed` those
    that broke. `cached` tokens are part of `prompt`.
    """

    name: str = ""
    replies: int = 0
    failed: int = 0
    prompt: int | None = None
    completion: int | None = None
    cached: int | None = None
    gpu_seconds: float | None = None
    joules: float | None = None
    queue: Waits = Waits()
    first_token: Waits = Waits()

    def __add__(self, other: "Use") -> "Use":
        """Both together, under the name of the first."""
        return Use(
            name=self.name,
            replies=self.replies + other.replies,
            failed=self.failed + other.failed,
            prompt=_sum(self.prompt, other.prompt),
            completion=_sum(self.completion, other.completion),
            cached=_sum(self.cached, other.cached),
            gpu_seconds=_sum(self.gpu_seconds, other.gpu_seconds),
            joules=_sum(self.joules, other.joules),
            queue=self.queue + other.queue,
            first_token=self.first_token + other.first_token,
        )

    def named(self, name: str) -> "Use":
        return replace(self, name=name)

    @property
    def tokens(self) -> int:
        return (self.prompt or 0) + (self.completion or 0)


def _sum(one: N | None, other: N | None) -> N | None:
    return other if one is None else one if other is None else one + other
