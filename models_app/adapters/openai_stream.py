"""Reading a reply streamed in OpenAI's dialect. Pure: bytes in, chunks out."""

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from models_app.adapters.amounts import decimal, whole
from models_app.adapters.base import Chunk, Finish, Reasoning, Usage
from models_app.adapters.failures import words_in
from models_app.adapters.lines import Events, Garbled, parsed, storable
from models_app.adapters.thinking import Thinking

DONE = b"[DONE]"


class ChatReader:
    """One reply: a `finish_reason` makes it whole, [DONE] or the end alone does not."""

    def __init__(self) -> None:
        self.finished = False
        self._reason = ""
        self._usage: dict[str, Any] = {}
        self._timings: dict[str, Any] = {}
        self._events = Events()
        self._thinking = Thinking()

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
        yield from self._thinking.rest()
        if not self.whole:
            raise Garbled("the stream ended early")
        usage = usage_of(self._usage, self._timings)
        yield Finish(storable(str(self._reason)), usage, self._thinking.thought)

    def _chunks(self, event: dict[str, Any]) -> list[Chunk]:
        if event.get("error"):
            raise Garbled(words_in(event["error"]) or "an error without words")
        self._usage = event.get("usage") or self._usage
        self._timings = event.get("timings") or self._timings
        choices = event.get("choices")
        if not choices:
            return []
        self._reason = choices[0].get("finish_reason") or self._reason
        return self._said(choices[0].get("delta") or {})

    def _said(self, delta: dict[str, Any]) -> list[Chunk]:
        chunks: list[Chunk] = []
        if thought := delta.get("reasoning_content") or delta.get("reasoning"):
            self._thinking.settle()
            chunks.append(Reasoning(storable(thought)))
        if text := delta.get("content"):
            chunks += self._thinking.feed(storable(text))
        return chunks


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
