"""AMD's own library (`amdsmi`, an extra that comes with ROCm), where it can be imported.

It adds what files do not tell: names that people know, and processes.
"""

import importlib
import logging
import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from models_app.gpu.nvml.holders import Holder
from models_app.gpu.samples import Process

log = logging.getLogger(__name__)

Describe = Callable[[Holder, str, float], Process]
EVERY = 5.0
MOST_PROCESSES = 64


@dataclass(frozen=True, slots=True)
class Told:
    name: str = ""
    processes: tuple[Process, ...] | None = None


class AmdLibrary:
    """Opened in the process that asks it, and again in a child of that."""

    def __init__(
        self, smi: Any, *, describe: Describe, clock: Callable[[], float]
    ) -> None:
        self._smi, self._describe, self._clock = smi, describe, clock
        self._process: int | None = None
        self._handles: dict[str, Any] = {}
        self._told: dict[str, tuple[float, Told]] = {}

    def card(self, bus: str) -> Told:
        """What it says of the card at that place, at most five seconds old."""
        now = self._clock()
        due, told = self._told.get(bus, (0.0, Told()))
        if now >= due or os.getpid() != self._process:
            told = self._ask(bus, now)
            self._told[bus] = (now + EVERY, told)
        return told

    def _ask(self, bus: str, now: float) -> Told:
        try:
            handle = self._opened().get(bus)
            return self._answer(handle, now) if handle else Told()
        except Exception as failure:  # The library has a family of its own for them.
            log.debug("amdsmi does not tell of %s: %s", bus, failure)
            return Told()

    def _opened(self) -> dict[str, Any]:
        if os.getpid() != self._process:
            self._smi.amdsmi_init()
            self._process = os.getpid()
            self._handles = {
                str(self._smi.amdsmi_get_gpu_device_bdf(each)).lower(): each
                for each in self._smi.amdsmi_get_processor_handles()
            }
        return self._handles

    def _answer(self, handle: Any, now: float) -> Told:
        name = str(self._smi.amdsmi_get_gpu_asic_info(handle).get("market_name", ""))
        rows = self._smi.amdsmi_get_gpu_process_list(handle)
        held = [each for row in rows if (each := read_row(row))]
        held.sort(key=lambda each: -(each.memory or 0))
        told = (self._describe(each, "", now) for each in held[:MOST_PROCESSES])
        return Told(name="" if name == "N/A" else name, processes=tuple(told))


def read_row(row: Any) -> Holder | None:
    """A process of the list; what it does not know is the text "N/A"."""
    if not isinstance(row, dict) or not isinstance(row.get("pid"), int):
        return None
    memory = row.get("mem")
    if not isinstance(memory, int):
        memory = (row.get("memory_usage") or {}).get("vram_mem")
    size = memory if isinstance(memory, int) else None
    return Holder(row["pid"], size, graphics=False)


def find_library(
    *, describe: Describe, clock: Callable[[], float]
) -> AmdLibrary | None:
    """The library, if this machine has it."""
    try:
        smi = importlib.import_module("amdsmi")
    except Exception:  # It looks for its shared part at once, and says so in many ways.
        return None
    return AmdLibrary(smi, describe=describe, clock=clock)
