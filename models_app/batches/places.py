"""Where the files of batches lie on the disk, and what they are called there."""

import os
import secrets
import time
from collections.abc import Container, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Final

from django.conf import settings

from dashboard.errors import FileTooLarge

MEGABYTE: Final = 1_000_000
PART: Final = ".part"
"""What a file is called besides while it is written."""
YOUNG: Final = 60 * 60.0
"""Seconds for which a file may lie there without a row: it may be on its way to one."""


def new_file_name() -> str:
    """What nobody can guess, and what makes a path of nobody's choice."""
    return f"file-{secrets.token_hex(12)}"


def new_batch_name() -> str:
    return f"batch_{secrets.token_hex(12)}"


def path_of(name: str) -> Path:
    """Where the file of this name, one of `new_file_name`, lies."""
    return _folder() / name


def size_of(name: str) -> int:
    """In bytes; 0 for one that is not there."""
    try:
        return path_of(name).stat().st_size
    except FileNotFoundError:
        return 0


def remove(names: Iterable[str]) -> None:
    """Those that are not there are gone already."""
    for name in names:
        path_of(name).unlink(missing_ok=True)


@contextmanager
def written(name: str) -> Iterator[BinaryIO]:
    """The file of this name, new; it is there, whole, once the block has ended well."""
    part = path_of(name + PART)
    part.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        with part.open("xb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        part.rename(path_of(name))
    finally:
        part.unlink(missing_ok=True)


def write_chunks(chunks: Iterable[bytes]) -> tuple[str, int]:
    """The name and the size of a new file; `FileTooLarge` leaves none."""
    name, most, size = new_file_name(), settings.BATCH_MB, 0
    with written(name) as file:
        for chunk in chunks:
            size += len(chunk)
            if size > most * MEGABYTE:
                raise FileTooLarge(most=most)
            file.write(chunk)
    return name, size


def remove_nobodys(known: Container[str], *, now: float | None = None) -> int:
    """Remove what has no row and has been left alone for a while; how many that were."""
    moment, gone = now or time.time(), 0
    if not _folder().is_dir():
        return 0
    for each in _folder().iterdir():
        if each.name not in known and moment - each.stat().st_mtime > YOUNG:
            each.unlink(missing_ok=True)
            gone += 1
    return gone


def _folder() -> Path:
    return Path(settings.PADDOCK_DATA) / "files"
