"""A program on a lifeline ends with its starter, in the kernel's way and in the other."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from dashboard.runner.programs import LIFELINE
from tests.processes import alive, until

WAYS = pytest.mark.parametrize("way", [(), ("--portable",)], ids=["kernel", "portable"])
TELL_PID = "echo $$; exec sleep 60"
LAST_WORDS = (
    "trap 'echo heard > {}; exit 0' TERM; echo $$; while :; do sleep 0.05; done"
)


def line(
    way: tuple[str, ...], *program: str, options: tuple[str, ...] = ()
) -> list[str]:
    return [sys.executable, "-P", str(LIFELINE), *way, *options, "--", *program]


def started(command: list[str]) -> tuple[subprocess.Popen[str], int]:
    """A process that runs the command as its child, and the pid that the program told."""
    starter = "import subprocess, sys; subprocess.run(sys.argv[1:])"
    process = subprocess.Popen(
        [sys.executable, "-c", starter, *command], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout
    return process, int(process.stdout.readline())


@WAYS
def test_a_program_ends_when_its_starter_is_killed(way: tuple[str, ...]) -> None:
    starter, pid = started(line(way, "sh", "-c", TELL_PID))

    with starter:
        starter.kill()

    until(lambda: not alive(pid))


@WAYS
def test_a_program_may_be_given_time_for_last_words(
    way: tuple[str, ...], tmp_path: Path
) -> None:
    heard = tmp_path / "heard"
    program = ("sh", "-c", LAST_WORDS.format(heard))
    starter, pid = started(line(way, *program, options=("--signal=TERM",)))

    with starter:
        starter.kill()

    until(lambda: not alive(pid))
    assert heard.exists()


@WAYS
def test_the_code_of_the_program_is_passed_on(way: tuple[str, ...]) -> None:
    assert subprocess.run(line(way, "sh", "-c", "exit 7")).returncode == 7


@WAYS
def test_a_program_does_not_begin_when_its_starter_is_gone(
    way: tuple[str, ...],
) -> None:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    options = (f"--starter={gone.pid}",)

    ended = subprocess.run(line(way, "sleep", "60", options=options), timeout=20)

    assert ended.returncode != 0


@WAYS
def test_a_signal_reaches_the_program(way: tuple[str, ...], tmp_path: Path) -> None:
    heard = tmp_path / "heard"
    command = line(way, "sh", "-c", LAST_WORDS.format(heard))
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout
    process.stdout.readline()

    with process:
        process.send_signal(signal.SIGTERM)

    assert process.returncode == 0
    assert heard.exists()


@WAYS
def test_a_program_can_be_nicer_than_its_starter(way: tuple[str, ...]) -> None:
    command = line(way, "nice", options=("--nice=7",))

    said = subprocess.run(command, capture_output=True, text=True).stdout

    assert int(said) == os.nice(0) + 7
