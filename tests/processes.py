"""Looking at real processes: whether one lives, and waiting for what it does."""

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path


def alive(pid: int) -> bool:
    """Whether the process runs; a zombie that nobody has collected does not."""
    try:
        status = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False
    return status.rpartition(")")[2].split()[0] != "Z"


def until(done: Callable[[], object], *, seconds: float = 60) -> None:
    """Look again and again until it is done; fail when it is not done in time."""
    deadline = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < deadline, "It did not happen in time."
        time.sleep(0.02)


def end(pid: int) -> None:
    """Kill the process if it still runs."""
    if alive(pid):
        os.kill(pid, signal.SIGKILL)
