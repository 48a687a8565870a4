"""From bytes, cut anywhere, to lines, events and JSON objects; pure and cheap.

Lines end at b"\\n" only: `str.splitlines` and httpx's `aiter_lines` also cut at U+0085 and
U+2028, which may stand raw inside JSON text.
"""

import json
from typing import Any

LONGEST = 8 * 1024 * 1024
"""The most bytes that one line or event may have."""

_decode = json.JSONDecoder().raw_decode  # half the time of json.loads for short lines


class Garbled(Exception):
    """A stream that makes no sense, or that says itself that it failed."""


class Replaced(Garbled):
    """A stream of another model than the one that was asked for."""


class Lines:
    """Cuts bytes into lines, however they arrive."""

    def __init__(self) -> None:
        self._held: list[bytes] = []
        self._size = 0

    def feed(self, piece: bytes) -> list[bytes]:
        """The lines that this piece completes, without their ends."""
        *whole, rest = piece.split(b"\n")
        if whole and self._held:
            whole[0] = self.rest() + whole[0]
        if rest:
            self._hold(rest)
        return whole

    def rest(self) -> bytes:
        """Give up the beginning of a line that has not ended yet."""
        held, self._held, self._size = b"".join(self._held), [], 0
        return held

    @property
    def empty(self) -> bool:
        return not self._held

    def _hold(self, rest: bytes) -> None:
        self._size += len(rest)
        if self._size > LONGEST:
            raise Garbled("a line without an end")
        self._held.append(rest)


class Events:
    """Reads server-sent events and keeps what their `data:` lines say."""

    def __init__(self) -> None:
        self._lines = Lines()
        self._data: list[bytes] = []
        self._size = 0

    def feed(self, piece: bytes) -> list[bytes]:
        """The data of each event that this piece completes."""
        fresh = self._lines.empty and not self._data
        if fresh and (simple := _simple_events(piece)):
            return simple
        found = (self._take(line) for line in self._lines.feed(piece))
        return [event for event in found if event is not None]

    def rest(self) -> list[bytes]:
        """The last event of a stream that ended without the blank line after it."""
        return self.feed(b"\n\n")

    def _take(self, line: bytes) -> bytes | None:
        line = line.removesuffix(b"\r")
        if not line and self._data:
            event, self._data, self._size = b"\n".join(self._data), [], 0
            return event
        if line.startswith(b"data:"):
            self._size += len(line)
            if self._size > LONGEST:
                raise Garbled("an event without an end")
            self._data.append(line[5:].removeprefix(b" "))
        return None


def _simple_events(piece: bytes) -> list[bytes]:
    """What the slow way would find in whole, one-line events; nothing for all else.

    Nearly every piece of a real stream is of this form.
    """
    if not (piece.startswith(b"data: ") and piece.endswith(b"\n\n")) or b"\r" in piece:
        return []
    events = piece[6:-2].split(b"\n\ndata: ")
    return events if piece.count(b"\n") == 2 * len(events) else []


def parsed(line: bytes) -> dict[str, Any]:
    """The JSON object that a line is; bytes that are no UTF-8 become U+FFFD."""
    text = line.decode("utf-8", "replace").strip()
    value, end = _decode(text)
    if end != len(text) or not isinstance(value, dict):
        raise ValueError("This is no JSON object.")
    return value


def storable(text: str) -> str:
    """Text without what no database takes: NUL, and halves of surrogate pairs."""
    if text.isprintable():
        return text
    return text.encode("utf-8", "replace").decode().replace("\0", "")
