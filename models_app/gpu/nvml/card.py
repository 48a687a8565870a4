"""One NVIDIA card: what it answers, who holds its memory, and into what it is cut."""

from collections.abc import Callable
from typing import Any

import psutil

from models_app.gpu.metrics import Metric, Reason
from models_app.gpu.nvml.answers import Answers
from models_app.gpu.nvml.calls import A_TICK, most_power
from models_app.gpu.nvml.failures import CannotAnswer, Passing
from models_app.gpu.nvml.holders import Holder, Holders
from models_app.gpu.nvml.parts import PartReader, is_cut, parts_of
from models_app.gpu.samples import Card, Part, Process, Xid

CUT_EVERY = 60.0
"""Seconds between two looks at whether, and into what, the card is cut."""
MOST_PROCESSES, MOST_PARTS = 64, 16

Describe = Callable[[Holder, str, float], Process]
"""What is known of a process besides; the text names the instance."""


class CardReader:
    """A card that was found, from one opening of the driver to the next."""

    def __init__(
        self, handle: Any, *, uuid: str, index: int, name: str, describe: Describe
    ) -> None:
        self.handle, self.uuid, self.index, self.name = handle, uuid, index, name
        self.describe = describe
        self.answers = Answers(most_power=most_power(handle))
        self.holders = Holders()
        self.parts: list[PartReader] = []
        self.cut: bool | None = None
        self.took = 0.0
        self._cut_due = 0.0

    def read(self, now: float, *, xids: tuple[Xid, ...] = ()) -> Card:
        """The card as it is; raises `CardLost` or `DriverClosed`."""
        self._see_whether_it_is_cut(now)
        self.answers.ask_what_is_due(self.handle, now)
        values, reasons = dict(self.answers.values), dict(self.answers.reasons)
        shared = self._is_shared()
        if shared:
            take_of_the_host(values, reasons)
        processes, lacks = self._processes(now)
        parts = self._read_parts(now)
        return Card(
            uuid=self.uuid,
            index=self.index,
            name=self.name,
            values=values,
            reasons=reasons,
            processes=processes,
            processes_reason=lacks,
            parts=parts,
            xids=xids,
            shared=shared,
        )

    def _is_shared(self) -> bool:
        """Whether it has no memory of its own to tell of."""
        told = self.answers.reasons.get(Metric.MEMORY_TOTAL)
        return told == Reason.NOT_SUPPORTED and not self.cut

    def _see_whether_it_is_cut(self, now: float) -> None:
        if now < self._cut_due - A_TICK:
            return
        self._cut_due = now + CUT_EVERY
        cut = is_cut(self.handle)
        if cut != self.cut and self.cut is not None:
            # What it could not tell before, it may be able to tell now.
            self.answers = Answers(most_power=self.answers.most_power)
        self.cut = cut
        self.parts = self._found_parts() if cut else []

    def _found_parts(self) -> list[PartReader]:
        """Its instances; those that were there keep what they know."""
        known = {part.uuid: part for part in self.parts}
        try:
            found = parts_of(self.handle)[:MOST_PARTS]
        except (CannotAnswer, Passing):
            return self.parts
        return [known.get(part.uuid, part) for part in found]

    def _read_parts(self, now: float) -> tuple[Part, ...]:
        """Those that are there; once one is gone, it is looked for others the next time."""
        told = [(part, part.read()) for part in self.parts]
        if any(part.gone for part in self.parts):
            self._cut_due = now
            self.parts = [part for part in self.parts if not part.gone]
        return tuple(said for part, said in told if not part.gone)

    def _processes(
        self, now: float
    ) -> tuple[tuple[Process, ...] | None, Reason | None]:
        """The largest first; by instance where it is cut, which needs no rights."""
        if self.cut:
            held = [(each, part.uuid) for part in self.parts for each in part.held(now)]
            lacks = next((part.holders.lacks for part in self.parts), None)
        else:
            held = [(each, "") for each in self.holders.look(self.handle, now)]
            lacks = self.holders.lacks
        if lacks and not held:
            return None, lacks
        held.sort(key=lambda pair: -(pair[0].memory or 0))
        told = (self.describe(each, part, now) for each, part in held[:MOST_PROCESSES])
        return tuple(told), None


def take_of_the_host(
    values: dict[Metric, float], reasons: dict[Metric, Reason]
) -> None:
    """Main memory, where the card has none of its own: what is not available is used."""
    memory = psutil.virtual_memory()
    values[Metric.MEMORY_TOTAL] = memory.total
    values[Metric.MEMORY_USED] = memory.total - memory.available
    for metric in (Metric.MEMORY_TOTAL, Metric.MEMORY_USED):
        reasons.pop(metric, None)
