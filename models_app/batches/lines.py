"""What a batch asks, line by line; what is wrong with a line is said with its number."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO, Final

import msgspec
from django.conf import settings

from dashboard.errors import (
    DashboardError,
    LineDouble,
    LineElsewhere,
    LineUnfit,
    LineUnreadable,
    NothingInBatch,
    TooManyLines,
    gettext_noop,
)

MOST_LINES: Final = 50_000
MOST_IN_ALL: Final = 2 * MOST_LINES
"""With the empty ones."""
ENDPOINTS: Final = ("/v1/chat/completions", "/v1/completions", "/v1/embeddings")
LONGEST_ID: Final = 512
QUOTED: Final = 80
"""Characters of what somebody wrote that a sentence repeats."""
NO_ID: Final = gettext_noop(
    "it has no custom_id, or one that is no text of 1 to 512 characters"
)
NO_BODY: Final = gettext_noop("its body is no object")
NO_OBJECT: Final = gettext_noop("it is something else")
NO_POST: Final = gettext_noop("its method must be POST")
TOO_LONG: Final = gettext_noop("it is longer than a request may be")
MEGABYTE: Final = 1_000_000
GLANCE: Final = 65_536
"""Bytes in which most first lines have their end."""


@dataclass(frozen=True, slots=True)
class Line:
    """One request with the number of its line, from 1; with an `error` it is not asked."""

    number: int
    custom_id: str | None
    body: dict[str, Any]
    error: DashboardError | None = None


class _Body(msgspec.Struct):
    model: Any = None


class _Glance(msgspec.Struct):
    body: _Body | None = None


@dataclass(frozen=True, slots=True)
class Contents:
    """How many lines there are, and the model that all name; "" for several."""

    lines: int
    model: str


def contents_of(file: BinaryIO) -> Contents:
    """What is in a file; `NothingInBatch` or `TooManyLines` where it makes no batch."""
    models: set[str] = set()
    count = 0
    for _, text in _texts(file):
        count += 1
        if count > MOST_LINES:
            raise TooManyLines(most=MOST_LINES)
        if len(models) < 2 and (named := _model_in(text)):
            models.add(named)
    if not count:
        raise NothingInBatch
    return Contents(count, models.pop() if len(models) == 1 else "")


def check_first_line(file: BinaryIO, endpoint: str) -> None:
    """What is wrong with it: then this is no file of requests, or one for something else.
    `NothingInBatch` where there is none in as much as one line may have."""
    head = file.read(GLANCE)
    if b"\n" not in head.lstrip():
        head += file.read(max(0, _too_long() - len(head)))
    text = head.lstrip()
    if not text:
        raise NothingInBatch
    number = head.count(b"\n", 0, len(head) - len(text)) + 1
    first = _read(number, text.partition(b"\n")[0], endpoint)
    if first.error:
        raise first.error


def lines_in(file: BinaryIO, endpoint: str) -> Iterator[Line]:
    """The requests of a file for this endpoint, in their order; empty lines are none."""
    seen: set[str] = set()
    for number, text in _texts(file):
        line = _read(number, text, endpoint)
        if line.error is None and line.custom_id in seen:
            name = (line.custom_id or "")[:QUOTED]
            error = LineDouble(line=number, name=name)
            line = Line(number, line.custom_id, {}, error)
        seen.add(line.custom_id or "")
        yield line


def _read(number: int, text: bytes, endpoint: str) -> Line:
    if len(text) >= _too_long():
        return Line(number, None, {}, LineUnfit(line=number, detail=TOO_LONG))
    try:
        said = msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as nonsense:
        error = LineUnreadable(line=number, detail=str(nonsense))
        return Line(number, None, {}, error)
    if not isinstance(said, dict):
        error = LineUnreadable(line=number, detail=NO_OBJECT)
        return Line(number, None, {}, error)
    return _of_object(number, said, endpoint)


def _of_object(number: int, said: dict[str, Any], endpoint: str) -> Line:
    told, body = said.get("custom_id"), said.get("body")
    custom_id = told if isinstance(told, str) and 0 < len(told) <= LONGEST_ID else None
    error: DashboardError | None = None
    if custom_id is None:
        error = LineUnfit(line=number, detail=NO_ID)
    elif said.get("url") != endpoint:
        named = str(said.get("url"))[:QUOTED]
        error = LineElsewhere(line=number, name=named, endpoint=endpoint)
    elif said.get("method") != "POST":
        error = LineUnfit(line=number, detail=NO_POST)
    elif not isinstance(body, dict):
        error = LineUnfit(line=number, detail=NO_BODY)
    return Line(number, custom_id, body if isinstance(body, dict) else {}, error)


def _texts(file: BinaryIO) -> Iterator[tuple[int, bytes]]:
    """Each line that has something in it, at most a little longer than one may be."""
    most, number = _too_long(), 0
    while text := file.readline(most):
        number += 1
        if number > MOST_IN_ALL:
            raise TooManyLines(most=MOST_LINES)
        whole = text
        while not whole.endswith(b"\n") and (whole := file.readline(most)):
            pass
        if text.strip():
            yield number, text


def _too_long() -> int:
    """Bytes with which a line is longer than a request may be."""
    return settings.API_BODY_MB * MEGABYTE + 1


def _model_in(text: bytes) -> str:
    try:
        glance = msgspec.json.decode(text, type=_Glance)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return ""
    model = glance.body.model if glance.body else None
    return model if isinstance(model, str) else ""
