"""Reading the graphics of Apple's own processors, which share memory with the rest."""

import platform
import re
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence

import psutil

from models_app.gpu.metrics import RANGES, DriverState, Metric, Reason
from models_app.gpu.reading import Reading
from models_app.gpu.samples import Card
from models_app.gpu.words import clean_identifier, clean_name

STATISTICS = re.compile(r'"([^"]+)"\s*=\s*(\d+)')
ACCELERATOR = ("/usr/sbin/ioreg", "-r", "-c", "IOAccelerator", "-d", "1", "-w", "0")
LIMIT = ("/usr/sbin/sysctl", "-n", "iogpu.wired_limit_mb")
NAME = ("/usr/sbin/sysctl", "-n", "machdep.cpu.brand_string")
MEBIBYTE = 2**20
PATIENCE = 2.0
SELDOM = 60.0

Ask = Callable[[Sequence[str]], str]


def ask(command: Sequence[str]) -> str:
    """What a program of the system says; nothing when it fails or takes long."""
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=PATIENCE, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout


def is_apple() -> bool:
    return sys.platform == "darwin" and platform.machine() == "arm64"


class AppleCards:
    """The one card of such a machine; needs no rights."""

    def __init__(self, *, node: str, ask: Ask = ask) -> None:
        self.reading = Reading()
        self._node, self._ask = node, ask
        self._name, self._limit, self._seldom_due = "", 0, 0.0

    def look(self, now: float) -> None:
        if now >= self._seldom_due:
            self._seldom_due = now + SELDOM
            self._name = clean_name(self._ask(NAME)) or "Apple"
            self._limit = wired_limit(self._ask(LIMIT))
        told = read_statistics(self._ask(ACCELERATOR))
        values = card_values(told, limit=self._limit)
        lacking = [metric for metric in Metric if metric not in values]
        card = Card(
            uuid=clean_identifier(f"APPLE-{self._node}"),
            name=self._name,
            vendor="apple",
            values=values,
            reasons=dict.fromkeys(lacking, Reason.NOT_SUPPORTED),
            processes_reason=Reason.NOT_SUPPORTED,
            shared=True,
        )
        self.reading = Reading(
            DriverState.OK, "Metal", cards=(card,), fresh=frozenset({card.uuid})
        )


def read_statistics(text: str) -> Mapping[str, int]:
    """The numbers of the accelerator's performance statistics, by Apple's names."""
    _, found, rest = text.partition('"PerformanceStatistics"')
    line = rest.partition("}")[0] if found else ""
    return {name: int(number) for name, number in STATISTICS.findall(line)}


def wired_limit(text: str) -> int:
    """Bytes that graphics may hold at most, 0 where the system decides."""
    said = text.strip()
    return int(said) * MEBIBYTE if said.isdecimal() else 0


def card_values(told: Mapping[str, int], *, limit: int) -> dict[Metric, float]:
    """Its share of main memory, up to its limit, and the time that it was busy."""
    found: dict[Metric, float | None] = {
        Metric.UTIL: told.get("Device Utilization %"),
        Metric.MEMORY_USED: told.get("In use system memory"),
        Metric.MEMORY_TOTAL: limit or psutil.virtual_memory().total,
    }
    return {
        metric: value
        for metric, value in found.items()
        if value is not None and RANGES[metric].has(value)
    }
