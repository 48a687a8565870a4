"""The three ways in which servers stream: a stream of each, written by hand."""

import json
from collections.abc import Callable
from dataclasses import dataclass

from models_app.adapters.base import Chunk
from models_app.adapters.lmstudio_stream import NativeReader
from models_app.adapters.ollama_stream import ChatReader as OllamaReader
from models_app.adapters.openai_stream import ChatReader as OpenAIReader
from models_app.adapters.stream import Reader


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a piece of text, of reasoning, a failure and the end go over the line."""

    text: Callable[[str], bytes]
    reasoning: Callable[[str], bytes]
    error: Callable[[object], bytes]
    raw: Callable[[str], bytes]
    end: bytes
    reader: Callable[[], Reader]

    def said(self, *pieces: str) -> bytes:
        return b"".join(map(self.text, pieces))

    def read(self, *pieces: bytes) -> list[Chunk]:
        """All that a reader makes of these pieces and their end."""
        reader, chunks = self.reader(), list[Chunk]()
        for piece in (*pieces, b""):
            if not reader.finished:
                chunks += reader.feed(piece)
        return chunks


def _json(body: object) -> str:
    return json.dumps(body, ensure_ascii=False)


def _event(raw: str) -> bytes:
    return f"data: {raw}\n\n".encode()


def _delta(**delta: str) -> bytes:
    return _event(_json({"choices": [{"index": 0, "delta": delta}]}))


def _named(kind: str, **fields: object) -> bytes:
    return f"event: {kind}\n".encode() + _event(_json({"type": kind, **fields}))


def _line(raw: str) -> bytes:
    return f"{raw}\n".encode()


def _message(**message: str) -> bytes:
    return _line(_json({"message": message, "done": False}))


OPENAI = Dialect(
    text=lambda text: _delta(content=text),
    reasoning=lambda text: _delta(reasoning_content=text),
    error=lambda told: _event(_json({"error": told})),
    raw=_event,
    end=_event(_json({"choices": [{"delta": {}, "finish_reason": "stop"}]}))
    + _event("[DONE]"),
    reader=OpenAIReader,
)
NATIVE = Dialect(
    text=lambda text: _named("message.delta", content=text),
    reasoning=lambda text: _named("reasoning.delta", content=text),
    error=lambda told: _named("error", error=told),
    raw=_event,
    end=_named("chat.end", result={"stats": {}}),
    reader=NativeReader,
)
NDJSON = Dialect(
    text=lambda text: _message(content=text),
    reasoning=lambda text: _message(thinking=text),
    error=lambda told: _line(_json({"error": told})),
    raw=_line,
    end=_line(_json({"done": True, "done_reason": "stop"})),
    reader=OllamaReader,
)
