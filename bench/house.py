"""A Paddock of the bench's own, started as people start it, and its fake model server."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dashboard.runner.programs import BASE_DIR, LIFELINE
from tests.house import UP, House, environment, opened_by

TIED = (sys.executable, "-PS", str(LIFELINE), "--signal=TERM", "--")
"""Before a command: it ends when the bench does, however the bench ends."""
COOKIE = "paddock_session"
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody who is signed in, and the conversation that they have open."""

    url: str
    session: str
    conversation: int

    @property
    def address(self) -> str:
        return f"{self.url}/c/{self.conversation}/"

    @property
    def headers(self) -> dict[str, str]:
        """What makes a client this member."""
        return {"Cookie": f"{COOKIE}={self.session}"}


@contextmanager
def house_up(data: Path, **settings: str) -> Iterator[House]:
    """A whole Paddock that is ready; it ends with the block, or with the bench."""
    with opened_by((*TIED, *UP), data, **settings) as house:
        yield house


@contextmanager
def fake_server(port: int = 0) -> Iterator[str]:
    """The address of a fake server in a process of its own; port 0 is any free one."""
    command = (*TIED, sys.executable, "-m", "bench.fake_server", str(port))
    with subprocess.Popen(
        command, cwd=BASE_DIR, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        try:
            yield f"http://127.0.0.1:{process.stdout.readline().strip()}"
        finally:
            process.terminate()


def add_server(house: House, url: str) -> None:
    """Make the fake server known to the house."""
    in_shell(house, "rows", f"add_server({url!r})")


def add_members(house: House, count: int) -> list[Member]:
    """New people with a new conversation each."""
    made = in_shell(house, "rows", f"add_members({count})")
    return [Member(house.url, session, pk) for session, pk in made]


def add_reader(house: House, count: int) -> Member:
    """Somebody with so many conversations, the newest of them full of unread messages."""
    (reader,) = add_members(house, 1)
    in_shell(house, "rows", f"fill_list({reader.conversation}, {count})")
    return reader


def in_shell(house: House, module: str, call: str) -> Any:
    """Call a function of the bench inside the house's Django; what it prints is JSON."""
    code = f"from bench import {module}; {module}.{call}"
    done = subprocess.run(
        (sys.executable, "manage.py", "shell", "-v", "0", "-c", code),
        cwd=BASE_DIR,
        env=environment(house.data),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout or "null")


def cpu_seconds(pid: int) -> float:
    """The processor time that a process has used, its threads included."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def memory_mb(pid: int) -> float:
    """A process's share of the memory (PSS): shared pages are split among their users."""
    return _kilobytes(Path(f"/proc/{pid}/smaps_rollup"), "Pss:") / 1024


def peak_mb(pid: int) -> float:
    """The most memory that a process ever had (RSS)."""
    return _kilobytes(Path(f"/proc/{pid}/status"), "VmHWM:") / 1024


def _kilobytes(path: Path, name: str) -> int:
    line = next(each for each in path.read_text().splitlines() if each.startswith(name))
    return int(line.split()[1])
