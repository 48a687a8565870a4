"""What is asked in OpenAI's dialect, as an ask of the door.

The words of a program go on as they are, but for the model's name, what a preset adds, and
the request for the tokens that it took. They are translated for a preset with parameters
that a kind of server takes in its own dialect alone.
"""

from collections.abc import Mapping
from typing import Any, Final

from dashboard.errors import FieldUnfit
from models_app.adapters.base import ChatRequest, Form, Verbatim
from models_app.gateway.asking import Asking, Body
from models_app.gateway.callers import Caller
from models_app.gateway.fields import (
    CHAT,
    COMPLETION,
    EMBEDDING,
    RESPONSE,
    check_fields,
)
from models_app.gateway.openai.chunks import Chunks, Whole
from models_app.gateway.openai.recipes import put_by_us, with_recipe
from models_app.gateway.parts import check_messages, check_tools, has_pictures
from models_app.gateway.targets import embedder_meant_by, meant_by, model_meant_by
from models_app.gateway.writing import Writer
from models_app.serving.ask import Ask, Origin

CHAT_PATH: Final = "/v1/chat/completions"
COMPLETION_PATH: Final = "/v1/completions"
EMBEDDING_PATH: Final = "/v1/embeddings"
RESPONSE_PATH: Final = "/v1/responses"
MOST_AT_ONCE: Final = 16
REMEMBERED: Final = ("previous_response_id", "conversation", "background")
"""What a server would have to remember, or to go on with, for whoever asks again."""


def chat_ask(caller: Caller, sent: Body) -> Asking:
    body = said_in(sent)
    check_fields(body, CHAT, caller.fields)
    messages = _messages_in(body)
    _check_count(body)
    if not caller.may_all:
        check_messages(messages, param="messages")
        check_tools(body.get("tools"))
    target = meant_by(caller, name_in(body))
    streamed = _with_usage(body)

    def worded(kind: str, model: str) -> Verbatim | ChatRequest:
        if asked := put_by_us(body, target.recipe, kind, model):
            return asked
        words = {**with_recipe(streamed, target.recipe, kind), "model": model}
        return _verbatim(CHAT_PATH, words, body)

    ask = Ask(
        person=caller.person,
        model=target.model,
        origin=Origin.API,
        preset=target.preset,
        worded=worded,
        key=caller.key,
        size=_size(messages),
        pictures="messages" if has_pictures(messages) else "",
    )
    writer = _writer(body, target.label) if target.parameters else None
    return Asking(ask, form_of(body), writer)


def completion_ask(caller: Caller, sent: Body) -> Asking:
    body = said_in(sent)
    check_fields(body, COMPLETION, caller.fields)
    if not body.get("prompt"):
        raise FieldUnfit(param="prompt", detail="there is none")
    _check_count(body)
    return _plain(
        caller,
        _with_usage(body),
        body,
        COMPLETION_PATH,
        model=model_meant_by(caller, name_in(body)),
        size=_size(body["prompt"]),
    )


def embedding_ask(caller: Caller, sent: Body) -> Asking:
    body = said_in(sent)
    if body.pop("stream", False):
        raise FieldUnfit(param="stream", detail="vectors come all at once")
    check_fields(body, EMBEDDING, caller.fields)
    if not body.get("input"):
        raise FieldUnfit(param="input", detail="there is none")
    return _plain(
        caller,
        body,
        body,
        EMBEDDING_PATH,
        model=embedder_meant_by(caller, name_in(body)),
        size=_size(body["input"]),
    )


def response_ask(caller: Caller, sent: Body) -> Asking:
    """Only what needs no memory of earlier responses: each server would have its own."""
    body = said_in(sent)
    for name in REMEMBERED:
        if body.pop(name, None):
            detail = "no response is kept here; send the whole conversation as input"
            raise FieldUnfit(param=name, detail=detail)
    check_fields(body, RESPONSE, caller.fields)
    if not body.get("input"):
        raise FieldUnfit(param="input", detail="there is none")
    if not isinstance(body["input"], str | list):
        raise FieldUnfit(param="input", detail="it must be a text or a list")
    if not caller.may_all:
        check_tools(body.get("tools"))
        if isinstance(body["input"], list):
            check_messages(body["input"], param="input")
    return _plain(
        caller,
        {**body, "store": False},
        body,
        RESPONSE_PATH,
        model=model_meant_by(caller, name_in(body)),
        size=_size(body["input"]),
        pictures="input" if has_pictures(body["input"]) else "",
    )


def said_in(sent: Body) -> Body:
    """What is null says nothing, as in OpenAI's own API."""
    return {name: value for name, value in sent.items() if value is not None}


def name_in(body: Mapping[str, Any]) -> str:
    name = body.get("model")
    if not isinstance(name, str) or not name:
        raise FieldUnfit(param="model", detail="it must be the name of a model")
    return name


def form_of(body: Mapping[str, Any]) -> Form:
    return Form.EVENTS if body.get("stream") else Form.WHOLE


def _with_usage(body: Body) -> Body:
    """The same with the request to say at the end how many tokens it took."""
    options = body.get("stream_options") or {}
    if not isinstance(options, dict):
        raise FieldUnfit(param="stream_options", detail="it must be an object")
    if not body.get("stream"):
        return body
    return {**body, "stream_options": {**options, "include_usage": True}}


def _hides_usage(body: Mapping[str, Any]) -> bool:
    return not (body.get("stream_options") or {}).get("include_usage")


def _writer(body: Mapping[str, Any], model: str) -> Writer:
    if body.get("stream"):
        return Chunks(model, tells_usage=not _hides_usage(body))
    return Whole(model)


def _verbatim(path: str, words: Body, body: Body) -> Verbatim:
    return Verbatim(path, words, form_of(body), hides_usage=_hides_usage(body))


def _plain(
    caller: Caller,
    words: Body,
    body: Body,
    path: str,
    *,
    model: str,
    size: int,
    pictures: str = "",
) -> Asking:
    def worded(kind: str, name: str) -> Verbatim:
        return _verbatim(path, {**words, "model": name}, body)

    ask = Ask(
        person=caller.person,
        model=model,
        origin=Origin.API,
        worded=worded,
        key=caller.key,
        size=size,
        embeds=path == EMBEDDING_PATH,
        pictures=pictures,
    )
    return Asking(ask, form_of(body))


def _messages_in(body: Mapping[str, Any]) -> list[dict[str, Any]]:
    messages = body.get("messages")
    if not isinstance(messages, list) or not messages:
        raise FieldUnfit(param="messages", detail="it must be a list of messages")
    if not all(isinstance(each, dict) for each in messages):
        raise FieldUnfit(param="messages", detail="each must be an object")
    return messages


def _check_count(body: Mapping[str, Any]) -> None:
    """All of them are written at one place of the queue, and counted as one request."""
    prompt = body.get("prompt")
    prompts = prompt if isinstance(prompt, list) and prompt else [prompt]
    many = 1 if isinstance(prompts[0], int) else len(prompts)
    for name in ("n", "best_of"):
        wanted = body.get(name, 1)
        if not isinstance(wanted, int) or not 1 <= wanted * many <= MOST_AT_ONCE:
            detail = f"at most {MOST_AT_ONCE} answers are written at once"
            raise FieldUnfit(param=name, detail=detail)


def _size(words: Any) -> int:
    """About how many characters there are to read."""
    if isinstance(words, str):
        return len(words)
    if isinstance(words, list):
        return sum(map(_size, words))
    if not isinstance(words, dict):
        return 0
    return _size(words.get("content")) + _size(words.get("text"))
