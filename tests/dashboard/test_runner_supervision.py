"""The supervisor with stand-ins for our programs: it keeps them, and leaves none behind."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from dashboard.runner.programs import BASE_DIR
from tests.processes import alive, until

BECOME = """
import sys
from pathlib import Path
from dashboard.runner.programs import Program
from dashboard.runner.supervision import become_supervisor, write_supervision

data = Path(sys.argv[1])
children = [
    Program(name, ("sh", str(data / name), name, str(data)), priority, stop_within=3)
    for priority, name in enumerate(sys.argv[2:])
]
become_supervisor(write_supervision(children, data=data))
"""
STAYS = """
trap 'echo $1 >> "$2/ends"; exit 0' TERM
echo $$ > "$2/$1.pid"
while :; do sleep 0.05; done
"""
DEAF = """
trap '' TERM
echo $$ > "$2/$1.pid"
while :; do sleep 0.05; done
"""
BREAKS = 'echo start >> "$2/starts"; exit 1'


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data folder under a name that supervisor could stumble over."""
    folder = tmp_path / "50% of my “data”"
    folder.mkdir()
    return folder


@contextmanager
def keeping(data: Path, **scripts: str) -> Iterator[subprocess.Popen[bytes]]:
    """A runner that keeps the scripts, each under its name, started from first to last."""
    for name, script in scripts.items():
        (data / name).write_text(script)
    command = [sys.executable, "-c", BECOME, str(data), *scripts]
    with subprocess.Popen(command, cwd=BASE_DIR) as runner:
        try:
            yield runner
        finally:
            runner.kill()


def pid_of(data: Path, name: str) -> int:
    path = data / f"{name}.pid"
    until(lambda: path.exists() and path.read_text().strip())
    return int(path.read_text())


def test_a_program_that_dies_is_started_again(data: Path) -> None:
    with keeping(data, one=STAYS):
        first = pid_of(data, "one")

        os.kill(first, signal.SIGKILL)

        until(lambda: pid_of(data, "one") != first)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_runner_told_to_end_ends_its_programs_first(
    data: Path, number: signal.Signals
) -> None:
    with keeping(data, one=STAYS, two=STAYS) as runner:
        pids = [pid_of(data, "one"), pid_of(data, "two")]

        runner.send_signal(number)

        assert runner.wait(20) == 0
        assert not any(map(alive, pids))


def test_what_started_last_ends_first(data: Path) -> None:
    with keeping(data, one=STAYS, two=STAYS) as runner:
        for name in ("one", "two"):
            pid_of(data, name)

        runner.terminate()
        runner.wait(20)

        assert (data / "ends").read_text().split() == ["two", "one"]


def test_a_program_that_does_not_listen_is_killed(data: Path) -> None:
    with keeping(data, one=DEAF) as runner:
        pid = pid_of(data, "one")

        runner.terminate()
        runner.wait(20)

        assert not alive(pid)


def test_a_killed_runner_leaves_no_program(data: Path) -> None:
    with keeping(data, one=STAYS, two=DEAF) as runner:
        pids = [pid_of(data, "one"), pid_of(data, "two")]

        runner.kill()

        until(lambda: not any(map(alive, pids)))


def test_a_program_that_cannot_start_is_tried_without_haste(data: Path) -> None:
    starts = data / "starts"
    with keeping(data, one=BREAKS):
        until(lambda: starts.exists())
        began = time.monotonic()

        until(lambda: len(starts.read_text().split()) >= 3)

    assert time.monotonic() - began > 2
