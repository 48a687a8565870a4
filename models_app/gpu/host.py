"""The figures of the machine itself: processor, memory, disk, warmth."""

import os
import platform
from collections.abc import Callable, Mapping
from pathlib import Path

import psutil

from models_app.gpu.metrics import HOST_RANGES, HostMetric, Reason
from models_app.gpu.samples import Host
from models_app.gpu.words import clean_name

SELDOM = 30.0
"""Seconds between two looks at what changes slowly or may be slow to tell."""
OF_THE_PROCESSOR = ("coretemp", "k10temp", "zenpower", "cpu_thermal", "cpu-thermal")
OTHERS = ("acpitz", "soc_thermal")
OF_THE_SERVICE = "/usr/share/ollama/.ollama/models"
"""Where Ollama keeps models when Linux starts it as a service."""


class HostFigures:
    """Primed when it is made: processor time is what went by between two looks."""

    def __init__(self, *, data: Path, environment: Mapping[str, str]) -> None:
        psutil.cpu_percent(interval=None)
        self.reading = Host()
        self._environment, self._data = environment, data
        self._system = clean_name(f"{platform.system()} {platform.release()}")
        self._seldom: dict[HostMetric, float] = {}
        self._seldom_due = 0.0
        self._models_folder = ""

    def look(self, now: float) -> None:
        if now >= self._seldom_due:
            self._seldom_due = now + SELDOM
            folder = models_folder(self._environment, data=self._data)
            self._models_folder = clean_name(str(folder))
            self._seldom = {**_disk(folder), **_warmth()}
        self.reading = host_of(
            {**_load(), **_memory(), **self._seldom},
            system=self._system,
            models_folder=self._models_folder,
        )


def host_of(
    told: Mapping[HostMetric, float], *, system: str = "", models_folder: str = ""
) -> Host:
    """What a system tells, without what cannot be: some sensors say -128 °C."""
    values = {m: value for m, value in told.items() if HOST_RANGES[m].has(value)}
    lacking = [metric for metric in HostMetric if metric not in values]
    reasons = {
        m: Reason.NONSENSE if m in told else Reason.NOT_SUPPORTED for m in lacking
    }
    return Host(
        values=values, reasons=reasons, system=system, models_folder=models_folder
    )


def models_folder(environment: Mapping[str, str], *, data: Path) -> Path:
    """Where models lie on this host: Ollama's folder, Hugging Face's, or our own."""
    home = Path(environment.get("HOME") or Path.home())
    candidates = (
        environment.get("OLLAMA_MODELS"),
        home / ".ollama" / "models",
        OF_THE_SERVICE,
        environment.get("HF_HUB_CACHE"),
        environment.get("HF_HOME"),
        home / ".cache" / "huggingface",
    )
    paths = (Path(each) for each in candidates if each)
    return next((path for path in paths if _is_folder(path)), data)


def _is_folder(path: Path) -> bool:
    """A folder of another account may hide even whether it is there."""
    try:
        return path.is_dir()
    except OSError:
        return False


def _load() -> dict[HostMetric, float]:
    found: dict[HostMetric, float] = {
        HostMetric.CPU: psutil.cpu_percent(interval=None),
        HostMetric.CORES: psutil.cpu_count() or 1,
    }
    return found | _told(lambda: {HostMetric.LOAD: os.getloadavg()[0]})


def _memory() -> dict[HostMetric, float]:
    memory = psutil.virtual_memory()
    found: dict[HostMetric, float] = {
        HostMetric.MEMORY_TOTAL: memory.total,
        HostMetric.MEMORY_AVAILABLE: memory.available,
    }
    return found | _told(lambda: {HostMetric.SWAP_USED: psutil.swap_memory().used})


def _disk(folder: Path) -> dict[HostMetric, float]:
    def told() -> dict[HostMetric, float]:
        disk = psutil.disk_usage(str(folder))
        return {HostMetric.DISK_TOTAL: disk.total, HostMetric.DISK_FREE: disk.free}

    return _told(told)


def _warmth() -> dict[HostMetric, float]:
    """The warmest part of the processor."""

    def told() -> dict[HostMetric, float]:
        sensors = psutil.sensors_temperatures()
        named = next(
            (sensors[each] for each in OF_THE_PROCESSOR if each in sensors), ()
        )
        other = next((sensors[each] for each in OTHERS if each in sensors), ())
        return {HostMetric.TEMPERATURE: max(each.current for each in named or other)}

    return _told(told)


def _told(ask: Callable[[], dict[HostMetric, float]]) -> dict[HostMetric, float]:
    """What this system tells; some have no sensors, some no load, some hide a folder."""
    try:
        return ask()
    except (OSError, AttributeError, ValueError, RuntimeError):
        return {}
