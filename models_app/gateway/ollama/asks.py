"""What is asked in Ollama's dialect, as an ask of the door.

To a server that speaks it the words of a program go on as they are, but for the model's
name and what a preset adds; for every other kind they are translated.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from dashboard.errors import FieldUnfit
from models_app.adapters import ADAPTERS
from models_app.adapters.base import ChatRequest, Dialect, Form, Verbatim
from models_app.gateway.callers import Caller
from models_app.gateway.ollama import fields
from models_app.gateway.ollama.lines import (
    Lines,
    Part,
    Whole,
    Words,
    Writer,
    chat_words,
    generate_words,
    reply,
)
from models_app.gateway.ollama.vectors import (
    Told,
    Vectors,
    embed_words,
    old_embed_words,
)
from models_app.gateway.ollama.words import (
    chat_request,
    generate_request,
    text_in,
)
from models_app.gateway.targets import embedder_meant_by, meant_by
from models_app.modelfile.recipe import Recipe
from models_app.queries import Target
from models_app.resolve import opening, resolve
from models_app.serving.ask import Ask, Origin, Worded
from models_app.serving.route import Route, routes

Body = dict[str, Any]

CHAT: Final = "/api/chat"
GENERATE: Final = "/api/generate"
EMBED: Final = "/api/embed"
OLD_EMBED: Final = "/api/embeddings"
OPENAI_EMBED: Final = "/v1/embeddings"
ITS_OWN: Final = (
    "raw",
    "template",
    "context",
    "suffix",
    "logprobs",
    "top_logprobs",
    "width",
    "height",
    "steps",
)
"""Fields that no other kind of server has anything like."""


@dataclass(frozen=True, slots=True)
class Asking:
    """An ask, and how its answer is written; without an ask, `told` is the answer."""

    ask: Ask | None
    writer: Writer
    form: Form
    told: Mapping[str, Any] = field(default_factory=dict)


Asked = Callable[[Caller, Body], Asking]


def chat_ask(caller: Caller, body: Body) -> Asking:
    fields.check(caller, body, fields.CHAT)
    target = meant_by(caller, fields.name_in(body))
    if body.get("messages") == []:
        return _loading(caller, body, target, CHAT, chat_words)
    # Read once for its complaints, whoever will answer.
    request = chat_request(body, target.model)

    def worded(kind: str, model: str) -> Verbatim | ChatRequest:
        if speaks_ollama(kind):
            words = _with_recipe(_with_opening(body, target.recipe), target, kind)
            return _verbatim(CHAT, words, model, form_of(body))
        return _of_preset(replace(request, model=model), target.recipe)

    size = sum(len(each.text) for each in request.messages)
    return _asking(caller, body, target, worded, words=chat_words, size=size)


def generate_ask(caller: Caller, body: Body) -> Asking:
    fields.check(caller, body, fields.GENERATE)
    target = meant_by(caller, fields.name_in(body))
    if not any(body.get(name) for name in ("prompt", "images", "suffix")):
        return _loading(caller, body, target, GENERATE, generate_words)
    if target.is_preset and body.get("raw"):
        detail = "what is raw goes past the preset; ask its model"
        raise FieldUnfit(param="raw", detail=f"{detail}, {target.model}")
    request = generate_request(body, target.model)

    def worded(kind: str, model: str) -> Verbatim | ChatRequest:
        if speaks_ollama(kind) and not target.recipe.messages:
            words = _with_recipe(_with_system(body, target.recipe), target, kind)
            return _verbatim(GENERATE, words, model, form_of(body))
        return _of_preset(replace(request, model=model), target.recipe)

    size = sum(len(each.text) for each in request.messages)
    return _asking(caller, body, target, worded, words=generate_words, size=size)


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


def speaks_ollama(kind: str) -> bool:
    return Dialect.OLLAMA in ADAPTERS[kind].speaks


def _asking(
    caller: Caller,
    body: Body,
    target: Target,
    worded: Worded,
    *,
    words: Words,
    size: int,
) -> Asking:
    ask = Ask(
        person=caller.person,
        model=target.model,
        origin=Origin.API,
        preset=target.preset,
        worded=worded,
        key=caller.key,
        size=size,
    )
    own = next((name for name in ITS_OWN if body.get(name)), None)
    if own is not None:
        ask = _where_it_is_known(ask, own, target.recipe)
    form = form_of(body)
    writes = Lines if form is Form.LINES else Whole
    return Asking(ask, writes(target.label, words), form)


def _where_it_is_known(ask: Ask, param: str, recipe: Recipe) -> Ask:
    """The same of a server that knows the field; `FieldUnfit` where none does."""
    if recipe.messages and param not in ("logprobs", "top_logprobs"):
        detail = f"a preset with example messages answers chats only; ask {ask.model}"
        raise FieldUnfit(param=param, detail=detail)
    found = _speaking(ask)
    if found is None:
        detail = "only Ollama can do that, and this model is on servers of other kinds"
        raise FieldUnfit(param=param, detail=detail)
    return replace(ask, server=found.backend)


def _speaking(ask: Ask) -> Route | None:
    """The best server that has the model and speaks this dialect."""
    return next((each for each in routes(ask) if speaks_ollama(each.kind)), None)


def _loading(
    caller: Caller, body: Body, target: Target, path: str, words: Words
) -> Asking:
    """A question without words: Ollama loads the model, or lets it go, and answers whole.

    Servers of other kinds load theirs with the first real question, and are not asked.
    """

    def worded(kind: str, model: str) -> Verbatim:
        ordered = _with_recipe({**body, "stream": False}, target, kind)
        return _verbatim(path, ordered, model, Form.WHOLE)

    ask = Ask(
        person=caller.person,
        model=target.model,
        origin=Origin.API,
        preset=target.preset,
        worded=worded,
        key=caller.key,
    )
    found = _speaking(ask)
    if found is None and body.get("keep_alive") is not None:
        detail = "only Ollama heeds it, and this model is on servers of other kinds"
        raise FieldUnfit(param="keep_alive", detail=detail)
    writer = Whole(target.label, words)
    told = reply(writer, Part(), done=True, done_reason="load")
    pinned = replace(ask, server=found.backend) if found else None
    return Asking(pinned, writer, Form.WHOLE, told)


def _embedding(
    caller: Caller, body: Body, path: str, asked: Body, *, told: Told
) -> Asking:
    model = embedder_meant_by(caller, fields.name_in(body))

    def worded(kind: str, name: str) -> Verbatim:
        if speaks_ollama(kind):
            return _verbatim(path, body, name, Form.WHOLE)
        return _verbatim(OPENAI_EMBED, asked, name, Form.WHOLE)

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
    return Asking(ask, Vectors(model, told, speaks_ollama), Form.WHOLE)


def _verbatim(path: str, body: Body, model: str, form: Form) -> Verbatim:
    words = {name: value for name, value in body.items() if name != "name"}
    return Verbatim(path, {**words, "model": model}, form)


def _with_recipe(body: Body, target: Target, kind: str) -> Body:
    """With the options of a preset, of which those that the program says go before."""
    parameters = resolve(target.recipe, kind).request.parameters
    if not parameters:
        return body
    return {**body, "options": {**parameters, **fields.options_in(body)}}


def _with_opening(body: Body, recipe: Recipe) -> Body:
    """After what a preset begins with; an own system message takes the place of its."""
    said = body["messages"]
    own = any(str(each.get("role")).lower() == "system" for each in said)
    first = [
        {"role": each.role, "content": each.text}
        for each in opening(recipe)
        if not (own and each.role == "system")
    ]
    return {**body, "messages": [*first, *said]} if first else body


def _with_system(body: Body, recipe: Recipe) -> Body:
    own = body.get("system")
    return {**body, "system": recipe.system} if recipe.system and not own else body


def _of_preset(request: ChatRequest, recipe: Recipe) -> ChatRequest:
    """The same for a server that is asked by us."""
    own = any(each.role == "system" for each in request.messages)
    first = (each for each in opening(recipe) if not (own and each.role == "system"))
    return replace(
        request,
        messages=(*first, *request.messages),
        parameters={**recipe.parameters, **request.parameters},
    )


def form_of(body: Mapping[str, Any]) -> Form:
    """Ollama streams unless it is told not to."""
    return Form.WHOLE if body.get("stream") is False else Form.LINES


def _are_texts(told: Any) -> bool:
    texts = told if isinstance(told, list) else [told]
    return bool(told) and all(isinstance(each, str) for each in texts)
