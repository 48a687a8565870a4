"""A form with a file in it, as programs send one: to the disk piece by piece, then read."""

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from io import BufferedRandom
from typing import Any, BinaryIO, Final

from django.conf import settings
from django.core.exceptions import SuspiciousOperation
from django.core.files.uploadhandler import FileUploadHandler, SkipFile
from django.http.multipartparser import MultiPartParser, MultiPartParserError
from starlette.requests import Request

from dashboard.errors import FieldUnfit, FileTooLarge
from models_app.batches.places import MEGABYTE, new_file_name, path_of, written

ROOM: Final = 100_000
"""Bytes of a form besides its file."""
FILE: Final = "file"
NO_FORM: Final = "the request must be a multipart form"
NO_FILE: Final = "there is none"


@dataclass(frozen=True, slots=True)
class Upload:
    """What came: the file lies on the disk under `name`."""

    name: str
    filename: str
    size: int
    fields: Mapping[str, str]


async def upload_in(request: Request) -> Upload:
    """The file that a program sends; `FieldUnfit` or `FileTooLarge` leaves none."""
    name = new_file_name()
    most = settings.BATCH_MB * MEGABYTE + ROOM
    with _passing(name) as file:
        size = 0
        async for piece in request.stream():
            size += len(piece)
            if size > most:
                raise FileTooLarge(most=settings.BATCH_MB)
            file.write(piece)
        headers = request.headers
        meta = {
            "CONTENT_TYPE": headers.get("content-type", ""),
            "CONTENT_LENGTH": str(size),
        }
        file.seek(0)
        return await asyncio.to_thread(_read, meta, file, name)


@contextmanager
def _passing(name: str) -> Iterator[BufferedRandom]:
    """What came as it came, until the file in it has been taken out."""
    path = path_of(f"{name}.form.part")
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        with path.open("x+b") as file:
            yield file
    finally:
        path.unlink(missing_ok=True)


def _read(meta: dict[str, Any], form: BufferedRandom, name: str) -> Upload:
    with written(name) as file:
        taker = _Taker(file)
        try:
            fields, _ = MultiPartParser(meta, form, [taker]).parse()
        except (MultiPartParserError, SuspiciousOperation) as nonsense:
            raise FieldUnfit(param=FILE, detail=NO_FORM) from nonsense
        if taker.filename is None:
            raise FieldUnfit(param=FILE, detail=NO_FILE)
        if taker.size > settings.BATCH_MB * MEGABYTE:
            raise FileTooLarge(most=settings.BATCH_MB)
    told = {each: str(fields[each]) for each in fields}
    return Upload(name, taker.filename, taker.size, told)


class _Taker(FileUploadHandler):
    """Writes the file of the form where it stays, and passes over others."""

    def __init__(self, file: BinaryIO) -> None:
        super().__init__()
        self.filename: str | None = None
        self.size = 0
        self._file = file

    def new_file(
        self, field_name: str, file_name: str, *args: Any, **kwargs: Any
    ) -> None:
        if field_name != FILE or self.filename is not None:
            raise SkipFile
        self.filename = file_name

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        self.size += self._file.write(raw_data)

    def file_complete(self, file_size: int) -> None:
        """All of it has been written."""
