"""What is different between two texts, as lines to read."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum

LONG = 2_000
AROUND = 3
"""Lines that are the same, shown beside what is not."""


class Change(StrEnum):
    SAME = "same"
    ADDED = "added"
    REMOVED = "removed"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class DiffLine:
    """A line with its number in the old text and in the new one, 0 where it is in one
    only; of skipped lines, how many."""

    change: Change
    text: str = ""
    old: int = 0
    new: int = 0
    count: int = 0


def diff(old: str, new: str) -> list[DiffLine]:
    """Nothing for two texts that are the same."""
    return list(_lines(lines_of(old), lines_of(new)))


def lines_of(text: str) -> list[str]:
    """None of a text that is empty, as before the first revision."""
    return text.removesuffix("\n").split("\n") if text else []


def _lines(old: Sequence[str], new: Sequence[str]) -> Iterator[DiffLine]:
    # Common lines make it quadratic; in a text so long they are passed over.
    long = len(old) + len(new) > LONG
    matcher = SequenceMatcher(None, old, new, autojunk=long)
    at = 0
    for group in matcher.get_grouped_opcodes(AROUND):
        yield from _skipped(group[0][1] - at)
        for tag, a, b, c, d in group:
            if tag == "equal":
                yield from _same(old[a:b], a + 1, c + 1)
                continue
            for number, text in enumerate(old[a:b], start=a + 1):
                yield DiffLine(Change.REMOVED, text, old=number)
            for number, text in enumerate(new[c:d], start=c + 1):
                yield DiffLine(Change.ADDED, text, new=number)
        at = group[-1][2]
    if at:
        yield from _skipped(len(old) - at)


def _same(texts: Sequence[str], old: int, new: int) -> Iterator[DiffLine]:
    for step, text in enumerate(texts):
        yield DiffLine(Change.SAME, text, old + step, new + step)


def _skipped(count: int) -> Iterator[DiffLine]:
    if count:
        yield DiffLine(Change.SKIPPED, count=count)
