"""Vectors told in Ollama's dialect, whoever made them."""

import json

import pytest

from dashboard.errors import BackendBroken
from models_app.adapters.base import Piece, Usage
from models_app.gateway.ollama.asking import speaks_ollama
from models_app.gateway.ollama.vectors import Vectors, embed_words, old_embed_words
from models_app.serving.ask import Begun, Done

DONE = Done("", Usage(prompt_tokens=4), first_token_ms=None, total_ms=7)
MADE = json.dumps(
    {
        "data": [
            {"index": 1, "embedding": [3, 4]},
            {"index": 0, "embedding": [0.5, 2]},
        ]
    }
).encode()


def vectors(*, kind: str, old: bool = False) -> Vectors:
    """As far as a server of that kind was chosen."""
    words = old_embed_words if old else embed_words
    writer = Vectors("tiny", words, speaks_ollama)
    writer.take(Begun("gpu-01", kind))
    return writer


def test_those_of_another_kind_are_put_in_order_and_rewritten() -> None:
    writer = vectors(kind="vllm")

    assert writer.take(Piece(MADE)) == b""
    assert json.loads(writer.take(DONE)) == {
        "model": "tiny",
        "embeddings": [[0.5, 2.0], [3.0, 4.0]],
        "total_duration": 7_000_000,
        "load_duration": 0,
        "prompt_eval_count": 4,
    }


def test_the_old_form_has_one() -> None:
    writer = vectors(kind="vllm", old=True)
    writer.take(Piece(MADE))

    assert json.loads(writer.take(DONE)) == {"embedding": [0.5, 2.0]}


def test_those_of_ollama_pass() -> None:
    writer = vectors(kind="ollama")

    assert writer.take(Piece(MADE)) == MADE
    assert writer.take(DONE) == b""


@pytest.mark.parametrize("content", [b"{}", b"[", b'{"data": [{"embedding": "AAAA"}]}'])
def test_nonsense_is_the_servers_failure(content: bytes) -> None:
    writer = vectors(kind="vllm")
    writer.take(Piece(content))

    with pytest.raises(BackendBroken, match="gpu-01"):
        writer.take(DONE)
