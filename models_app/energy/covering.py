"""Which periods that were added up stand for a stretch of time; no database and no clock."""

from bisect import bisect
from collections.abc import Iterable
from typing import NamedTuple


class Window(NamedTuple):
    """From when to before when, in Unix times."""

    since: int
    until: int


def chosen(whole: Window, kept: Iterable[Window]) -> list[Window]:
    """Those that lie in it and none over another, in order; the longest come first, for
    they save the most."""
    found: list[Window] = []
    inside = (w for w in kept if whole.since <= w.since and w.until <= whole.until)
    for each in sorted(
        inside, key=lambda window: (window.since - window.until, window)
    ):
        place = bisect(found, each)
        before, after = found[place - 1 : place], found[place : place + 1]
        if all(one.until <= each.since for one in before) and all(
            each.until <= one.since for one in after
        ):
            found.insert(place, each)
    return found


def gaps(whole: Window, found: Iterable[Window]) -> list[Window]:
    """What these leave of it."""
    left, at = [], whole.since
    for each in found:
        if each.since > at:
            left.append(Window(at, each.since))
        at = each.until
    return [*left, Window(at, whole.until)] if at < whole.until else left
