"""NVML opened in this very process, closed, and opened again when that helps."""

import contextlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pynvml as nvml

from models_app.gpu.metrics import DriverState
from models_app.gpu.words import clean_name

STATES = {
    nvml.NVML_ERROR_LIBRARY_NOT_FOUND: DriverState.NO_NVIDIA,
    nvml.NVML_ERROR_DRIVER_NOT_LOADED: DriverState.DRIVER_DOWN,
    nvml.NVML_ERROR_LIB_RM_VERSION_MISMATCH: DriverState.REBOOT_NEEDED,
}
SHORTEST, LONGEST = 10.0, 60.0
"""Seconds between two attempts; the pause doubles, a missing library has the longest."""
MARKS_OF_CONTAINERS = ("/.dockerenv", "/run/.containerenv")


class Driver:
    """The one opening of NVML; only the thread that looks touches it."""

    def __init__(self, *, in_container: bool | None = None) -> None:
        self.state = DriverState.NO_NVIDIA
        self.version = self.cuda_version = ""
        self.openings = 0
        self._in_container = is_in_container() if in_container is None else in_container
        self._process: int | None = None
        self._again_at = 0.0
        self._pause = SHORTEST

    @property
    def is_open(self) -> bool:
        """A child of `fork` inherits what we remember, and not what NVML does."""
        return self._process == os.getpid()

    def ready(self, now: float) -> bool:
        """Whether cards can be asked; opens NVML when it is time to try."""
        return self.is_open or (now >= self._again_at and self._open(now))

    def forget(self) -> None:
        """It is not open, whatever we thought; the next `ready` opens it."""
        self._process, self._again_at = None, 0.0

    def close(self) -> None:
        if self.is_open:
            with contextlib.suppress(nvml.NVMLError):
                nvml.nvmlShutdown()
        self.forget()

    def _open(self, now: float) -> bool:
        try:
            nvml.nvmlInit()
        except nvml.NVMLError as failure:
            self._failed(failure.value, now)
            return False
        self.state, self._process = DriverState.OK, os.getpid()
        self._pause, self.openings = SHORTEST, self.openings + 1
        self.version = text_of(nvml.nvmlSystemGetDriverVersion)
        self.cuda_version = cuda_version()
        return True

    def _failed(self, code: int, now: float) -> None:
        unknown = code == nvml.NVML_ERROR_UNKNOWN and self._in_container
        other = DriverState.CONTAINER_LOST_GPU if unknown else DriverState.FAILED
        self.state, self._process = STATES.get(code, other), None
        self.version = self.cuda_version = ""
        missing = self.state == DriverState.NO_NVIDIA
        self._again_at = now + (LONGEST if missing else self._pause)
        self._pause = min(LONGEST, self._pause * 2)


def cuda_version() -> str:
    """The newest CUDA that the driver runs, as people write it."""
    try:
        number: int = nvml.nvmlSystemGetCudaDriverVersion()
    except nvml.NVMLError:
        return ""
    return f"{number // 1000}.{number % 1000 // 10}"


def is_in_container() -> bool:
    return any(Path(mark).exists() for mark in MARKS_OF_CONTAINERS)


def text_of(ask: Callable[..., Any], *about: Any) -> str:
    """What a call says: in bytes by older bindings, and by some drivers not at all."""
    try:
        said = ask(*about)
    except nvml.NVMLError:
        return ""
    return clean_name(as_text(said))


def as_text(said: Any) -> str:
    return said.decode(errors="replace") if isinstance(said, bytes) else str(said)
