"""What was answered, a line each in two files: the one truth of how far a batch is.

A line is there whole or not at all, whenever its writer is killed, and names the line of
the input that it answers: whoever goes on reads here what is left.
"""

import fcntl
import os
import re
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Final, Self

import msgspec

from dashboard.errors import NoRoomForBatch
from models_app.batches.places import path_of

MARK: Final = re.compile(rb'\{"id":"batch_req_[0-9a-f]+_(\d+)"')
PIECE: Final = 1 << 20


class Taken(Exception):
    """Another process, which may be on its way out, writes these files now."""


class Pages:
    """The answers and the errors of one batch, open to be written by this process alone."""

    def __init__(self, output: str, errors: str) -> None:
        self._paths = path_of(output), path_of(errors)
        self._mark = output.removeprefix("file-")
        self._open = ExitStack()
        self._output: BinaryIO
        self._errors: BinaryIO
        self.answered: set[int] = set()
        self.failed: set[int] = set()

    def __enter__(self) -> Self:
        """Read what is done; or `Taken`."""
        with ExitStack() as opened:
            self._output, self._errors = (
                opened.enter_context(_opened(path)) for path in self._paths
            )
            _lock(self._output)
            self.answered = _mended(self._output)
            self.failed = _mended(self._errors)
            self._open = opened.pop_all()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        failure: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._open.close()

    def is_done(self, number: int) -> bool:
        return number in self.answered or number in self.failed

    def write(self, number: int, said: dict[str, Any], *, failed: bool) -> None:
        """Add what came of a line, once; `NoRoomForBatch` leaves no half of it."""
        if self.is_done(number):
            return
        line = {"id": f"batch_req_{self._mark}_{number}", **said}
        file = self._errors if failed else self._output
        _append(file, msgspec.json.encode(line) + b"\n")
        (self.failed if failed else self.answered).add(number)

    def sync(self) -> None:
        """Come back when all of it is on the disk."""
        for each in (self._output, self._errors):
            os.fsync(each.fileno())


def _opened(path: Path) -> BinaryIO:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path.open("a+b", buffering=0)


def _lock(file: BinaryIO) -> None:
    try:
        fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as taken:
        raise Taken from taken


def _append(file: BinaryIO, line: bytes) -> None:
    before = file.seek(0, os.SEEK_END)
    left = memoryview(line)
    try:
        while left:
            left = left[file.write(left) :]
    except OSError as full:
        file.truncate(before)
        raise NoRoomForBatch from full


def _mended(file: BinaryIO) -> set[int]:
    """The lines that stand in a file, without the one that broke off."""
    numbers, whole, rest = set(), 0, b""
    file.seek(0)
    while piece := file.read(PIECE):
        *lines, rest = (rest + piece).split(b"\n")
        for line in lines:
            whole += len(line) + 1
            if found := MARK.match(line):
                numbers.add(int(found[1]))
    file.truncate(whole)
    return numbers
