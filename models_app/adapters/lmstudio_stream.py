"""Reading a reply streamed by LM Studio's native chat. Pure: bytes in, chunks out."""

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from models_app.adapters.amounts import decimal, whole
from models_app.adapters.base import Chunk, Finish, Loading, Reading, Reasoning, Usage
from models_app.adapters.lines import Events, Garbled, parsed, storable
from models_app.adapters.thinking import Thinking
from models_app.adapters.words import words_in


class NativeReader:
    """One reply: `chat.end` makes it whole, and comes after an error as well.

    The type stands in the data too, so that the `event:` lines need no reading. Why a
    reply ended is not told: one that is as long as its `limit` was cut off there.
    """

    def __init__(self, *, limit: int | None = None) -> None:
        self._limit = limit
        self.finished = False
        self._events = Events()
        self._thinking = Thinking()

    @property
    def whole(self) -> bool:
        return self.finished

    def feed(self, piece: bytes) -> Iterator[Chunk]:
        for event in self._events.feed(piece):
            if not self.finished:
                yield from self._chunks(parsed(event))
        if not piece:
            yield from self._end()

    def _end(self) -> Iterator[Chunk]:
        for event in self._events.rest():
            with suppress(ValueError):
                yield from self._chunks(parsed(event))
        if not self.finished:
            yield from self._thinking.rest()
            raise Garbled("the stream ended early")

    def _chunks(self, event: dict[str, Any]) -> list[Chunk]:
        match event.get("type"):
            case "model_load.start" | "model_load.progress":
                return [Loading(share=share_in(event))]
            case "prompt_processing.start" | "prompt_processing.progress":
                return [Reading(share=share_in(event))]
            case "reasoning.delta":
                self._thinking.settle()
                return [Reasoning(storable(event["content"]))]
            case "message.delta":
                return [*self._thinking.feed(storable(event["content"]))]
            case "error":
                raise Garbled(words_in(event.get("error")) or "an error without words")
            case "chat.end":
                return self._finish(event["result"].get("stats") or {})
        if "type" not in event and event.get("error"):
            raise Garbled(words_in(event["error"]) or "an error without words")
        return []

    def _finish(self, stats: dict[str, Any]) -> list[Chunk]:
        self.finished = True
        usage = usage_of(stats)
        cut = self._limit and (usage.completion_tokens or 0) >= self._limit
        finish = Finish("length" if cut else "stop", usage, self._thinking.thought)
        return [*self._thinking.rest(), finish]


def share_in(event: dict[str, Any]) -> float | None:
    """How far it is, from 0 to 1; it tells none at the start."""
    told = decimal(event.get("progress"))
    return None if told is None else min(max(told, 0.0), 1.0)


def usage_of(stats: dict[str, Any]) -> Usage:
    """Seconds become milliseconds; the time of writing follows from the speed."""
    written = whole(stats.get("total_output_tokens"))
    speed = decimal(stats.get("tokens_per_second"))
    loading = decimal(stats.get("model_load_time_seconds"))
    return Usage(
        prompt_tokens=whole(stats.get("input_tokens")),
        completion_tokens=written,
        predicted_ms=written * 1000 / speed if written and speed else None,
        load_ms=None if loading is None else loading * 1000,
    )
