"""A chat in OpenAI's dialect, in the words that every kind of server is asked with. Pure.

What these cannot say makes a chat untranslatable, and so does what makes no sense: a
server that speaks OpenAI's dialect complains of it in its own words.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from models_app.adapters.base import ChatRequest, ParameterValue, Think, Tool
from models_app.gateway.fields import COMMON
from models_app.gateway.openai.spoken import Spoken
from models_app.gateway.openai.unsaid import Unsaid, list_at, only, text_at
from models_app.modelfile.parameters import PARAMETERS, Type, fits

Body = dict[str, Any]

PARAMETER_OF: Final[Mapping[str, str]] = {
    **{name: name for name in PARAMETERS},
    "repetition_penalty": "repeat_penalty",
    "max_tokens": "num_predict",
    "max_completion_tokens": "num_predict",
}
"""Fields, and what a Modelfile calls the same; of two for one the last counts."""
KNOWN: Final = (
    PARAMETER_OF.keys()
    | COMMON
    | frozenset(["messages", "tools", "response_format", "reasoning_effort"])
)
USUAL: Final[Mapping[str, Any]] = {
    "n": 1,
    "logprobs": False,
    "top_logprobs": 0,
    "logit_bias": {},
    "tool_choice": "auto",
    "parallel_tool_calls": True,
    "modalities": ["text"],
    "verbosity": "medium",
}
"""What says nothing by these values, and cannot be said by any other."""
EFFORTS: Final[Mapping[str, Think]] = {
    "none": False,
    "minimal": "low",
    "low": "low",
    "medium": "medium",
    "high": "high",
}
SCHEMA: Final = "json_schema"


def chat_request(body: Body, model: str) -> ChatRequest | None:
    """What a chat asks; None for one that is untranslatable."""
    try:
        _check_rest(body)
        return ChatRequest(
            model=model,
            messages=tuple(Spoken().messages(body["messages"])),
            parameters=dict(_parameters(body)),
            tools=tuple(map(_tool, list_at(body, "tools"))),
            format=_format_in(body),
            think=_think_in(body),
        )
    except Unsaid:
        return None


def _check_rest(body: Body) -> None:
    only(body.get("stream_options") or {}, "include_usage")
    for name, value in body.items():
        usual = name in USUAL and value == USUAL[name]
        if name not in KNOWN and not usual:
            raise Unsaid


def _parameters(body: Body) -> Iterator[tuple[str, ParameterValue]]:
    for field, name in PARAMETER_OF.items():
        if field not in body:
            continue
        value = body[field]
        if PARAMETERS[name].type is Type.TEXTS and isinstance(value, str):
            value = [value]
        if not fits(name, value):
            raise Unsaid
        yield name, value


def _tool(told: Any) -> Tool:
    """A hint that the arguments must fit the schema exactly is none for the model."""
    only(told, "type", "function")
    if told.get("type", "function") != "function":
        raise Unsaid
    function = told.get("function")
    only(function, "name", "description", "parameters", "strict")
    parameters = function.get("parameters") or {}
    if not isinstance(parameters, dict):
        raise Unsaid
    name = text_at(function, "name")
    return Tool(name, text_at(function, "description", otherwise=""), parameters)


def _format_in(body: Body) -> str | Mapping[str, Any] | None:
    wanted = body.get("response_format") or {}
    only(wanted, "type", SCHEMA)
    match wanted.get("type", "text"):
        case "text":
            return None
        case "json_object":
            return "json"
        case "json_schema":
            return _schema_in(wanted.get(SCHEMA))
    raise Unsaid


def _schema_in(told: Any) -> Mapping[str, Any]:
    """All servers that take a schema hold to it, `strict` or not."""
    only(told, "name", "schema", "strict")
    schema = told.get("schema")
    if not isinstance(schema, dict) or not schema:
        raise Unsaid
    return schema


def _think_in(body: Body) -> Think | None:
    wanted = body.get("reasoning_effort")
    if wanted is None:
        return None
    if not isinstance(wanted, str) or wanted not in EFFORTS:
        raise Unsaid
    return EFFORTS[wanted]
