"""Vectors asked for in Ollama's dialect, in its new and its old form."""

from typing import Any, Final

from dashboard.errors import FieldUnfit
from models_app.adapters.base import Form, Verbatim
from models_app.gateway.asking import Asking, Body
from models_app.gateway.callers import Caller
from models_app.gateway.ollama import fields
from models_app.gateway.ollama.asking import speaks_ollama, verbatim
from models_app.gateway.ollama.vectors import (
    Told,
    Vectors,
    embed_words,
    old_embed_words,
)
from models_app.gateway.ollama.words import text_in
from models_app.gateway.targets import embedder_meant_by
from models_app.serving.ask import Ask, Origin

EMBED: Final = "/api/embed"
OLD_EMBED: Final = "/api/embeddings"
OPENAI_EMBED: Final = "/v1/embeddings"


def embed_ask(caller: Caller, body: Body) -> Asking:
    fields.check(caller, body, fields.EMBED)
    texts = body.get("input")
    if not _are_texts(texts):
        raise FieldUnfit(param="input", detail="it must be a text or a list of texts")
    more = {"dimensions": body["dimensions"]} if body.get("dimensions") else {}
    return _embedding(caller, body, EMBED, {"input": texts, **more}, told=embed_words)


def old_embed_ask(caller: Caller, body: Body) -> Asking:
    fields.check(caller, body, fields.OLD_EMBED)
    if not text_in(body, "prompt"):
        raise FieldUnfit(param="prompt", detail="there is none")
    asked = {"input": body["prompt"]}
    return _embedding(caller, body, OLD_EMBED, asked, told=old_embed_words)


def _embedding(
    caller: Caller, body: Body, path: str, asked: Body, *, told: Told
) -> Asking:
    model = embedder_meant_by(caller, fields.name_in(body))

    def worded(kind: str, name: str) -> Verbatim:
        if speaks_ollama(kind):
            return verbatim(path, body, name, Form.WHOLE)
        return verbatim(OPENAI_EMBED, asked, name, Form.WHOLE)

    texts = asked["input"]
    ask = Ask(
        person=caller.person,
        model=model,
        origin=Origin.API,
        worded=worded,
        key=caller.key,
        size=len(texts) if isinstance(texts, str) else sum(map(len, texts)),
        embeds=True,
    )
    return Asking(ask, Form.WHOLE, Vectors(model, told, speaks_ollama))


def _are_texts(told: Any) -> bool:
    texts = told if isinstance(told, list) else [told]
    return bool(told) and all(isinstance(each, str) for each in texts)
