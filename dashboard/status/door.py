"""Who is served and who waits, as a table of the status page."""

from collections.abc import Iterable
from dataclasses import dataclass

from chat.being_served import Open


@dataclass(frozen=True, slots=True)
class DoorPanel:
    """Those at the door of whom the person may know; the others are only counted."""

    rows: list[Open]
    served: int
    waiting: int
    may_stop: bool

    @property
    def others(self) -> int:
        return self.served + self.waiting - len(self.rows)


def door_panel(those: Iterable[Open], *, may_stop: bool) -> DoorPanel:
    """Who is served first, then who waits, as they stand in line. Whoever may stop sees
    all."""
    found = sorted(those, key=lambda each: (each.waits, _position(each)))
    waiting = sum(each.waits for each in found)
    return DoorPanel(
        rows=[each for each in found if may_stop or each.whom],
        served=len(found) - waiting,
        waiting=waiting,
        may_stop=may_stop,
    )


def _position(each: Open) -> int:
    """People take turns, so that the second of one is not always the next."""
    return each.line.position if each.line else 0
