"""Reading a reply streamed by Ollama's `/api/chat`. Pure: bytes in, chunks out."""

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from models_app.adapters.amounts import milliseconds, whole
from models_app.adapters.base import Chunk, Finish, Reasoning, ToolCall, Usage
from models_app.adapters.lines import Garbled, Lines, parsed, storable
from models_app.adapters.thinking import Thinking
from models_app.adapters.tool_calls import whole_call
from models_app.adapters.words import words_in


class ChatReader:
    """One reply: the object with `done` makes it whole."""

    def __init__(self) -> None:
        self.finished = False
        self._lines = Lines()
        self._thinking = Thinking()
        self._calls = 0

    @property
    def whole(self) -> bool:
        return self.finished

    def feed(self, piece: bytes) -> Iterator[Chunk]:
        for line in self._lines.feed(piece):
            if line.strip() and not self.finished:
                yield from self._chunks(parsed(line))
        if not piece:
            yield from self._end()

    def _end(self) -> Iterator[Chunk]:
        """The stream is over; its last line may be cut, or only lack its end."""
        with suppress(ValueError):
            yield from self._chunks(parsed(self._lines.rest()))
        if not self.finished:
            yield from self._thinking.rest()
            raise Garbled("the stream ended early")

    def _chunks(self, line: dict[str, Any]) -> list[Chunk]:
        if "error" in line:
            raise Garbled(words_in(line["error"]) or "an error without words")
        chunks = self._said(line.get("message") or {})
        if line.get("done"):
            self.finished = True
            reason = storable(str(line.get("done_reason") or ""))
            chunks += self._thinking.rest()
            chunks.append(Finish(reason, usage_of(line), self._thinking.thought))
        return chunks

    def _said(self, message: dict[str, Any]) -> list[Chunk]:
        chunks: list[Chunk] = []
        if thought := message.get("thinking"):
            self._thinking.settle()
            chunks.append(Reasoning(storable(thought)))
        if text := message.get("content"):
            chunks += self._thinking.feed(storable(text))
        if calls := message.get("tool_calls"):
            chunks += [self._call(each) for each in calls]
        return chunks

    def _call(self, call: dict[str, Any]) -> ToolCall:
        self._calls += 1
        return whole_call(call, self._calls - 1)


def usage_of(line: dict[str, Any]) -> Usage:
    """Counters that are 0 are left out, and the prompt's where all of it was cached."""
    counts = "total_duration" in line
    return Usage(
        prompt_tokens=whole(line.get("prompt_eval_count")),
        completion_tokens=whole(line.get("eval_count", 0 if counts else None)),
        prompt_ms=milliseconds(line.get("prompt_eval_duration")),
        predicted_ms=milliseconds(line.get("eval_duration")),
        load_ms=milliseconds(line.get("load_duration")),
    )
