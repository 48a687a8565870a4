"""What is asked in Ollama's dialect, as an ask of the door.

To a server that speaks it the words of a program go on as they are, but for the model's
name and what a preset adds; for every other kind they are translated.
"""

from dataclasses import replace
from typing import Final

from dashboard.errors import FieldUnfit
from models_app.adapters.base import ChatRequest, Form, Verbatim
from models_app.gateway.asking import Asking, Body
from models_app.gateway.callers import Caller
from models_app.gateway.ollama import fields
from models_app.gateway.ollama.asking import form_of, speaks_ollama, verbatim
from models_app.gateway.ollama.lines import (
    Lines,
    Part,
    Whole,
    Words,
    chat_words,
    generate_words,
    reply,
)
from models_app.gateway.ollama.recipes import with_opening, with_options, with_system
from models_app.gateway.ollama.words import chat_request, generate_request
from models_app.gateway.recipes import of_preset
from models_app.gateway.targets import meant_by
from models_app.modelfile.recipe import Recipe
from models_app.queries import Target
from models_app.serving.ask import Ask, Origin, Worded
from models_app.serving.route import Route, routes

CHAT: Final = "/api/chat"
GENERATE: Final = "/api/generate"
PROBABILITIES: Final = ("logprobs", "top_logprobs")
ITS_OWN: Final = (
    *PROBABILITIES,
    "raw",
    "template",
    "context",
    "suffix",
    "width",
    "height",
    "steps",
)
"""Fields that no other kind of server has anything like, or that its replies tell us."""


def chat_ask(caller: Caller, body: Body) -> Asking:
    fields.check(caller, body, fields.CHAT)
    target = meant_by(caller, fields.name_in(body))
    if body.get("messages") in (None, []):
        return _loading(caller, body, target, CHAT, chat_words)
    # Read once for its complaints, whoever will answer.
    request = chat_request(body, target.model)

    def worded(kind: str, model: str) -> Verbatim | ChatRequest:
        if speaks_ollama(kind):
            words = with_options(with_opening(body, target.recipe), target.recipe, kind)
            return verbatim(CHAT, words, model, form_of(body))
        return of_preset(replace(request, model=model), target.recipe)

    return _asking(caller, body, target, request, worded, words=chat_words)


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
            words = with_options(with_system(body, target.recipe), target.recipe, kind)
            return verbatim(GENERATE, words, model, form_of(body))
        return of_preset(replace(request, model=model), target.recipe)

    return _asking(caller, body, target, request, worded, words=generate_words)


def _asking(
    caller: Caller,
    body: Body,
    target: Target,
    request: ChatRequest,
    worded: Worded,
    *,
    words: Words,
) -> Asking:
    ask = Ask(
        person=caller.person,
        model=target.model,
        origin=Origin.API,
        preset=target.preset,
        worded=worded,
        key=caller.key,
        size=sum(len(each.text) for each in request.messages),
        pictures="images" if any(each.images for each in request.messages) else "",
    )
    own = next((name for name in ITS_OWN if body.get(name)), None)
    if own is not None:
        ask = _where_it_is_known(ask, own, target.recipe)
    form = form_of(body)
    writes = Lines if form is Form.LINES else Whole
    return Asking(ask, form, writes(target.label, words))


def _where_it_is_known(ask: Ask, param: str, recipe: Recipe) -> Ask:
    """The same of a server that knows the field; `FieldUnfit` where none does."""
    if recipe.messages and param not in PROBABILITIES:
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
        ordered = with_options({**body, "stream": False}, target.recipe, kind)
        return verbatim(path, ordered, model, Form.WHOLE)

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
    return Asking(pinned, Form.WHOLE, writer, told)
