"""Runs one program so that it cannot outlive whoever started it, however that one ends.

Run by path: `python -P lifeline.py [options] -- PROGRAM ARGUMENT…`. On Linux the kernel
keeps the promise and this process becomes the program; elsewhere it stays as the
program's parent and watches.
"""

import argparse
import ctypes
import os
import select
import signal
import socket
import subprocess
import sys
from typing import NoReturn

PR_SET_PDEATHSIG = 1
LOOK_EVERY = 0.5
GRACE = 5.0
PASSED_ON = (signal.SIGTERM, signal.SIGINT)


def main(arguments: list[str]) -> int:
    asked = _parser().parse_args(arguments)
    starter = asked.starter or os.getppid()
    os.nice(asked.nice)
    if sys.platform.startswith("linux") and not asked.portable:
        become(asked.program, starter=starter, last=asked.signal)
    return watch(asked.program, starter=starter, last=asked.signal)


def become(program: list[str], *, starter: int, last: signal.Signals) -> NoReturn:
    """Become the program, and have the kernel send it `last` when its starter ends."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(PR_SET_PDEATHSIG, int(last), 0, 0, 0):
        raise OSError(ctypes.get_errno(), "The kernel refused the death signal.")
    # The starter may have ended before the kernel was asked.
    if os.getppid() != starter:
        sys.exit(1)
    os.execvp(program[0], program)  # noqa: S606


def watch(program: list[str], *, starter: int, last: signal.Signals) -> int:
    """Run the program as a child until it, or the starter, ends; return its code."""
    stirred = _stirred_by_signals()
    child = subprocess.Popen(program)
    # A pipe on stdin would be told sooner, but stdin may as well be a terminal.
    while child.poll() is None and os.getppid() == starter:
        if select.select([stirred], [], [], LOOK_EVERY)[0]:
            for number in set(stirred.recv(64)).intersection(PASSED_ON):
                child.send_signal(number)
    if child.poll() is None:
        _end(child, last=last)
    return child.returncode if child.returncode >= 0 else 128 - child.returncode


def _end(child: subprocess.Popen[bytes], *, last: signal.Signals) -> None:
    child.send_signal(last)
    try:
        child.wait(GRACE)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()


def _stirred_by_signals() -> socket.socket:
    """A socket that tells the number of every signal that came, a child's end included."""
    reading, writing = socket.socketpair()
    os.set_blocking(writing.fileno(), False)
    signal.set_wakeup_fd(writing.detach(), warn_on_full_buffer=False)
    for number in (signal.SIGCHLD, *PASSED_ON):
        signal.signal(number, lambda *_: None)
    return reading


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--signal",
        type=lambda name: signal.Signals[f"SIG{name}"],
        default=signal.SIGKILL,
        help="what the program gets when its starter has ended: KILL or TERM",
    )
    parser.add_argument("--starter", type=int, help="another process to live with")
    parser.add_argument("--nice", type=int, default=0)
    parser.add_argument("--portable", action="store_true", help="even on Linux")
    parser.add_argument("program", nargs="+")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
