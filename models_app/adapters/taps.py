"""Looking on while a stream passes: where it ends, and what it cost. Pure.

Most pieces are looked into with nothing but a search for a few words, and leave as they
came; only what has one of these is parsed.
"""

import re
from typing import Any, Final, Protocol

from models_app.adapters.base import Usage
from models_app.adapters.lines import LONGEST, Garbled, parsed
from models_app.adapters.ollama_stream import usage_of as usage_of_lines
from models_app.adapters.openai_stream import DONE, usage_of
from models_app.adapters.words import words_in

BLANK: Final = re.compile(rb"\r?\n\r?\n")
WHOLE_RESPONSES: Final = ("response.completed", "response.incomplete")
"""How a stream of OpenAI's Responses ends; it knows no [DONE]."""
FAILED_RESPONSE: Final = "response.failed"
REASON: Final = re.compile(rb'"finish_reason": ?"(?!error|abort)\w')
WORDLESS: Final = "an error without words"


class Tap(Protocol):
    """Sees one answer pass; used once."""

    whole: bool
    """The answer is complete."""
    usage: Usage

    def feed(self, piece: bytes) -> bytes:
        """What is passed on of this piece, and of what was held back before it.

        Raises `Garbled` where the server says that it failed.
        """
        ...

    def end(self) -> bytes:
        """What is still held, at the end of the bytes."""
        ...


class EventTap:
    """Of server-sent events in OpenAI's dialects."""

    def __init__(self, *, hides_usage: bool = False) -> None:
        self.whole = False
        self.usage = Usage()
        self._hides_usage = hides_usage
        self._told: dict[str, Any] = {}
        self._timings: dict[str, Any] = {}
        self._held = b""
        self._last: tuple[bytes, ...] = ()

    def feed(self, piece: bytes) -> bytes:
        # What came last: a stream may end with its reason alone.
        self._last = (*self._last[-1:], piece)
        if not self._held and piece.endswith(b"\n\n") and not _tells(piece):
            return piece
        data = self._held + piece
        ends = [each.end() for each in BLANK.finditer(data)]
        starts = [0, *ends]
        self._held = _held(data[starts[-1] :])
        events = (data[a:b] for a, b in zip(starts, ends, strict=False))
        return b"".join(each for each in events if self._passes(each))

    def end(self) -> bytes:
        """Some servers say no [DONE]: what has told its reason is whole all the same."""
        rest = self.feed(b"\n\n") if self._held.strip() else b""
        told = REASON.search(b"".join(self._last))
        self.whole = self.whole or told is not None
        return rest

    def _passes(self, event: bytes) -> bool:
        """Whether an event is passed on."""
        lines = [each for each in event.splitlines() if each.startswith(b"data:")]
        data = b"\n".join(each[5:].strip() for each in lines)
        if data.startswith(DONE):
            self.whole = True
        elif _tells(data):
            return self._heard(parsed(data))
        return True

    def _heard(self, said: dict[str, Any]) -> bool:
        if said.get("error") or said.get("type") == "error":
            raise Garbled(words_in(said.get("error") or said) or WORDLESS)
        self._hear_response(said)
        self._timings = said.get("timings") or self._timings
        self._told = told = said.get("usage") or self._told
        self.usage = usage_of(told, self._timings)
        return not (self._hides_usage and said.get("usage") and not said.get("choices"))

    def _hear_response(self, said: dict[str, Any]) -> None:
        response = said.get("response")
        if not isinstance(response, dict):
            return
        if said.get("type") == FAILED_RESPONSE:
            raise Garbled(words_in(response.get("error")) or WORDLESS)
        self.whole = self.whole or said.get("type") in WHOLE_RESPONSES
        self._told = openai_names(response.get("usage") or {}) or self._told


class LineTap:
    """Of lines of JSON in Ollama's dialect."""

    def __init__(self) -> None:
        self.whole = False
        self.usage = Usage()
        self._held = b""

    def feed(self, piece: bytes) -> bytes:
        if not self._held and piece.endswith(b"\n") and not _ends(piece):
            return piece
        *lines, rest = (self._held + piece).split(b"\n")
        self._held = _held(rest)
        for line in lines:
            if _ends(line):
                self._hear(parsed(line))
        return b"".join(line + b"\n" for line in lines)

    def end(self) -> bytes:
        return self.feed(b"\n") if self._held.strip() else b""

    def _hear(self, said: dict[str, Any]) -> None:
        if "error" in said:
            raise Garbled(words_in(said["error"]) or WORDLESS)
        if said.get("done"):
            self.whole = True
            self.usage = usage_of_lines(said)


def openai_names(usage: dict[str, Any]) -> dict[str, Any]:
    """What OpenAI's Responses count, under the names of its chat."""
    if "input_tokens" not in usage:
        return usage
    return {
        "prompt_tokens": usage["input_tokens"],
        "completion_tokens": usage.get("output_tokens"),
        "prompt_tokens_details": usage.get("input_tokens_details"),
    }


def _tells(piece: bytes) -> bool:
    """Whether it may say something of the answer as a whole.

    llama.cpp's `timings` stand beside the `usage` that we ask for.
    """
    return (
        b'"usage"' in piece
        or b"[DONE]" in piece
        or b'"error"' in piece
        or b'"response"' in piece
    )


def _ends(line: bytes) -> bool:
    return b'"done":true' in line or b'"done": true' in line or b'"error"' in line


def _held(rest: bytes) -> bytes:
    if len(rest) > LONGEST:
        raise Garbled("an event without an end")
    return rest
