"""Which processes hold memory of a card, from the driver's lists."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pynvml as nvml

from models_app.gpu.metrics import Reason
from models_app.gpu.nvml.calls import A_TICK
from models_app.gpu.nvml.failures import CannotAnswer, Passing, nvml_errors

EVERY, WHILE_EMPTY = 5.0, 60.0
"""Seconds; a list takes milliseconds, and on a server two of the three stay empty."""


@dataclass(frozen=True, slots=True)
class Holder:
    """A process as the driver knows it; its size is None where that is hidden."""

    pid: int
    memory: int | None
    graphics: bool


Way = Callable[[Any], list[Any]]


@dataclass(slots=True)
class ProcessList:
    """One of the driver's lists, asked again when it is due."""

    ways: tuple[Way, ...]
    graphics: bool = False
    while_empty: float = WHILE_EMPTY
    due: float = 0.0
    found: tuple[Holder, ...] = ()
    lacks: Reason | None = None

    def look(self, card: Any, now: float) -> None:
        if now < self.due - A_TICK:
            return
        try:
            self.found, self.lacks = self._ask(card), None
            self.due = now + (EVERY if self.found else self.while_empty)
        except CannotAnswer as cannot:
            self.found, self.lacks, self.due = (), cannot.reason, float("inf")
        except Passing:
            self.found, self.lacks, self.due = (), Reason.FAILED, now + EVERY

    def _ask(self, card: Any) -> tuple[Holder, ...]:
        while True:
            try:
                with nvml_errors():
                    rows = self.ways[0](card)
                return tuple(
                    Holder(row.pid, row.usedGpuMemory, self.graphics) for row in rows
                )
            except CannotAnswer as cannot:
                if cannot.reason != Reason.OLD_DRIVER or len(self.ways) == 1:
                    raise
                self.ways = self.ways[1:]


@dataclass(slots=True)
class Holders:
    """All lists of one card or instance, put together by pid."""

    compute: ProcessList = field(
        default_factory=lambda: ProcessList(
            (
                nvml.nvmlDeviceGetComputeRunningProcesses,
                nvml.nvmlDeviceGetComputeRunningProcesses_v2,
            ),
            while_empty=EVERY,
        )
    )
    others: tuple[ProcessList, ...] = field(
        default_factory=lambda: (
            ProcessList((nvml.nvmlDeviceGetMPSComputeRunningProcesses,)),
            ProcessList(
                (
                    nvml.nvmlDeviceGetGraphicsRunningProcesses,
                    nvml.nvmlDeviceGetGraphicsRunningProcesses_v2,
                ),
                graphics=True,
            ),
        )
    )

    @property
    def lacks(self) -> Reason | None:
        """Why nothing can be said; what only one of the other lists lacks is nothing."""
        return self.compute.lacks

    def look(self, card: Any, now: float) -> tuple[Holder, ...]:
        """Each process once; one that computes and draws counts as computing."""
        lists = (self.compute, *self.others)
        for each in lists:
            each.look(card, now)
        found: dict[int, Holder] = {}
        for holder in (holder for each in lists for holder in each.found):
            found.setdefault(holder.pid, holder)
        return tuple(found.values())
