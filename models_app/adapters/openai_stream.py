"""Reading a reply streamed in OpenAI's dialect. Pure: bytes in, chunks out."""

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from models_app.adapters.amounts import decimal, whole
from models_app.adapters.base import Chunk, Finish, Reading, Usage
from models_app.adapters.lines import Events, Garbled, Replaced, parsed, storable
from models_app.adapters.thinking import Thinking
from models_app.adapters.tool_calls import ToolCalls
from models_app.adapters.words import words_in

DONE = b"[DONE]"
GIVEN_UP = ("error", "abort")
"""What vLLM says when it ended a reply for reasons of its own."""


class ChatReader:
    """One reply: a `finish_reason` makes it whole, [DONE] or the end alone does not.

    With `expects`, no other model may answer: LM Studio puts the loaded one in the place
    of one that it does not know.
    """

    def __init__(self, *, expects: str = "") -> None:
        self.finished = False
        self._expects = expects
        self._reason = ""
        self._usage: dict[str, Any] = {}
        self._timings: dict[str, Any] = {}
        self._events = Events()
        self._thinking = Thinking()
        self._reasoning = Thinking.begun()
        self._calls = ToolCalls()

    @property
    def whole(self) -> bool:
        return bool(self._reason)

    def feed(self, piece: bytes) -> Iterator[Chunk]:
        for event in self._events.feed(piece):
            if event.startswith(DONE):
                yield from self._finish()
                return
            yield from self._chunks(parsed(event))
        if not piece:
            yield from self._end()

    def _end(self) -> Iterator[Chunk]:
        """The stream is over without [DONE]; its last event may be cut."""
        for event in self._events.rest():
            if not event.startswith(DONE):
                with suppress(ValueError):
                    yield from self._chunks(parsed(event))
        yield from self._finish()

    def _finish(self) -> Iterator[Chunk]:
        self.finished = True
        yield from self._reasoning.rest()
        yield from self._thinking.rest()
        if not self.whole:
            raise Garbled("the stream ended early")
        if self._reason in GIVEN_UP:
            raise Garbled(f"it gave this reply up ({self._reason})")
        yield from self._calls.whole()
        usage = usage_of(self._usage, self._timings)
        yield Finish(storable(str(self._reason)), usage, self._thinking.thought)

    def _chunks(self, event: dict[str, Any]) -> list[Chunk]:
        if event.get("error"):
            raise Garbled(words_in(event["error"]) or "an error without words")
        self._usage = event.get("usage") or self._usage
        self._timings = event.get("timings") or self._timings
        if self._expects:
            self._check_model(event)
        if progress := event.get("prompt_progress"):
            return [read_so_far(progress)]
        choices = event.get("choices")
        if not choices:
            return []
        self._reason = choices[0].get("finish_reason") or self._reason
        return self._said(choices[0].get("delta") or {})

    def _check_model(self, event: dict[str, Any]) -> None:
        told, expected = str(event.get("model") or ""), self._expects
        self._expects = "" if told else expected
        if told and not (told.startswith(expected) or expected.startswith(told)):
            raise Replaced(told)

    def _said(self, delta: dict[str, Any]) -> list[Chunk]:
        chunks: list[Chunk] = []
        if thought := delta.get("reasoning_content") or delta.get("reasoning"):
            self._thinking.settle()
            chunks += self._reasoning.feed(storable(thought))
        if text := delta.get("content"):
            chunks += self._thinking.feed(storable(text))
        if calls := delta.get("tool_calls"):
            self._calls.feed(calls)
        return chunks


def read_so_far(progress: dict[str, Any]) -> Reading:
    """What llama.cpp tells between two stretches of the prompt; `processed` has the cached."""
    return Reading(
        done=whole(progress.get("processed")),
        total=whole(progress.get("total")),
        cached=whole(progress.get("cache")) or 0,
    )


def usage_of(usage: dict[str, Any], timings: dict[str, Any]) -> Usage:
    """What OpenAI's `usage` says, or else the `timings` that llama.cpp adds."""
    details = usage.get("prompt_tokens_details") or {}
    cached, read = whole(timings.get("cache_n")), whole(timings.get("prompt_n"))
    prompt = whole(usage.get("prompt_tokens"))
    if prompt is None and read is not None:
        prompt = read + (cached or 0)
    written = whole(usage.get("completion_tokens"))
    told_cached = whole(details.get("cached_tokens"))
    return Usage(
        prompt_tokens=prompt,
        completion_tokens=whole(timings.get("predicted_n"))
        if written is None
        else written,
        cached_tokens=cached if told_cached is None else told_cached,
        prompt_ms=decimal(timings.get("prompt_ms")),
        predicted_ms=decimal(timings.get("predicted_ms")),
    )
