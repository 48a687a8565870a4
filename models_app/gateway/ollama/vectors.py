"""Vectors that a server made in OpenAI's dialect, told in Ollama's. Pure."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import msgspec

from dashboard.errors import BackendBroken
from models_app.adapters.base import Piece
from models_app.gateway.ollama.lines import MS, Said
from models_app.serving.ask import Begun, Done, Step

Rows = list[list[float]]
Told = Callable[["Vectors", Rows, Done], Said]


class _Row(msgspec.Struct):
    embedding: list[float]
    index: int = 0


class _Answer(msgspec.Struct):
    data: list[_Row]


@dataclass(slots=True)
class Vectors:
    """Passes on what comes of a server that speaks so, and rewrites all else."""

    model: str
    told: Told
    speaks: Callable[[str], bool]
    _server: str = ""
    _as_it_is: bool = False
    _content: bytes = b""

    def take(self, step: Step) -> bytes:
        match step:
            case Begun():
                self._server, self._as_it_is = step.server, self.speaks(step.kind)
            case Piece():
                if self._as_it_is:
                    return step.content
                self._content += step.content
            case Done() if not self._as_it_is:
                return msgspec.json.encode(self.told(self, self._rows(), step))
        return b""

    def _rows(self) -> Rows:
        try:
            answer = msgspec.json.decode(self._content, type=_Answer)
        except msgspec.DecodeError as nonsense:
            detail = "vectors that make no sense"
            raise BackendBroken(server=self._server, detail=detail) from nonsense
        return [
            each.embedding for each in sorted(answer.data, key=lambda row: row.index)
        ]


def embed_words(vectors: Vectors, rows: Rows, done: Done) -> Said:
    """As `/api/embed` has it."""
    told: dict[str, Any] = {
        "model": vectors.model,
        "embeddings": rows,
        "total_duration": done.total_ms * MS,
        "load_duration": round((done.usage.load_ms or 0) * MS),
    }
    if done.usage.prompt_tokens is not None:
        told["prompt_eval_count"] = done.usage.prompt_tokens
    return told


def old_embed_words(vectors: Vectors, rows: Rows, done: Done) -> Said:
    """As `/api/embeddings` had it: one vector, and nothing beside."""
    return {"embedding": rows[0] if rows else []}
