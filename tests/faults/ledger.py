"""What was sent and what was shown, as those who sent and looked noted it themselves."""

import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Sent:
    """One message that somebody wants to be in a conversation, exactly once."""

    key: str
    person: str
    conversation: int
    text: str


@dataclass(frozen=True, slots=True)
class Sight:
    """What one page showed of an open reply at one moment: HTML, and the text after it."""

    blocks: tuple[str, ...]
    rest: str
    at: float


Thread = tuple[int, int]
"""A reply, and the number of the page's uninterrupted look at it."""


@dataclass(slots=True)
class Ledger:
    """Everybody writes into the same one; times are of the wall clock."""

    sent: list[Sent] = field(default_factory=list)
    sights: dict[Thread, list[Sight]] = field(default_factory=dict)
    steps: dict[tuple[int, int], str] = field(default_factory=dict)
    asked: list[int] = field(default_factory=list)
    """The replies beside which somebody wanted another one, once for each wish."""
    beside: dict[int, int] = field(default_factory=dict)
    """Such another reply that the house told of, and the one that it stands beside."""
    faults: list[tuple[float, str]] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    complaints: list[str] = field(default_factory=list)
    began: float = field(default_factory=time.time)

    def saw(self, thread: Thread, blocks: tuple[str, ...], rest: str) -> None:
        sight = Sight(blocks, rest, time.time())
        self.sights.setdefault(thread, []).append(sight)

    def heard(self, reply: int, seq: int, frame: str) -> None:
        """A step of a reply; whoever hears it must hear the same."""
        self.counts["steps heard"] += 1
        if self.steps.setdefault((reply, seq), frame) != frame:
            self.complain(f"reply {reply} has two different steps {seq}")

    def hit(self, kind: str) -> None:
        self.faults.append((time.time(), kind))
        self.counts[f"fault: {kind}"] += 1

    def complain(self, sentence: str) -> None:
        self.complaints.append(sentence)

    def faults_between(self, kind: str, begin: float, end: float) -> list[float]:
        return [at for at, name in self.faults if name == kind and begin <= at <= end]

    def summary(self) -> Iterator[str]:
        yield f"messages sent: {len(self.sent)}"
        for at, kind in self.faults:
            yield f"after {at - self.began:.1f} s: {kind}"
        yield from (f"{name}: {count}" for name, count in sorted(self.counts.items()))
