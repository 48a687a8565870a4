"""A question in Ollama's dialect, in the words that every kind of server is asked with. Pure."""

import base64
import binascii
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from dashboard.errors import FieldUnfit
from models_app.adapters.base import (
    ChatMessage,
    ChatRequest,
    Image,
    ParameterValue,
    Think,
    Tool,
    ToolCall,
)
from models_app.gateway.ollama.fields import options_in
from models_app.modelfile.parameters import PARAMETERS, Type, fits

Body = Mapping[str, Any]

SIGNS: Final[Mapping[bytes, str]] = {
    b"\x89PNG": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
    b"GIF8": "image/gif",
    b"RIFF": "image/webp",
}
"""How pictures begin; Ollama's dialect does not say what they are."""
TOOL: Final = "tool"


def chat_request(body: Body, model: str) -> ChatRequest:
    """What `/api/chat` asks."""
    return ChatRequest(
        model=model,
        messages=tuple(Spoken().messages(body.get("messages"))),
        parameters=parameters_in(body),
        tools=tuple(map(_tool, _list_in(body, "tools"))),
        format=format_in(body),
        think=think_in(body),
    )


def generate_request(body: Body, model: str) -> ChatRequest:
    """What `/api/generate` asks, as a chat of one message."""
    system, prompt = text_in(body, "system"), text_in(body, "prompt")
    asked = ChatMessage("user", prompt, _images(body, "images"))
    return ChatRequest(
        model=model,
        messages=(*([ChatMessage("system", system)] if system else []), asked),
        parameters=parameters_in(body),
        format=format_in(body),
        think=think_in(body),
    )


def parameters_in(body: Body) -> dict[str, ParameterValue]:
    """Options under the same names, those of a Modelfile; what is none of them is left out."""
    options = options_in(body)
    return {
        name: _value(name, value)
        for name, value in options.items()
        if name in PARAMETERS
    }


def format_in(body: Body) -> str | Mapping[str, Any] | None:
    wanted = body.get("format") or None
    if wanted is None or wanted == "json" or isinstance(wanted, dict):
        return wanted
    raise FieldUnfit(param="format", detail="it must be “json” or a JSON schema")


def think_in(body: Body) -> Think | None:
    wanted = body.get("think")
    if wanted is None or isinstance(wanted, bool | str):
        return wanted
    detail = "it must be true, false or a level such as “low”"
    raise FieldUnfit(param="think", detail=detail)


def text_in(body: Body, name: str) -> str:
    """A text; "" for none."""
    text = body.get(name)
    if text is None or isinstance(text, str):
        return text or ""
    raise FieldUnfit(param=name, detail="it must be a text")


@dataclass(slots=True)
class Spoken:
    """The messages of one conversation; a tool's answer is given to the call it answers.

    Ollama's dialect needs no names of calls, and others do: calls without one are counted.
    """

    calls: int = 0
    open: list[ToolCall] = field(default_factory=list)

    def messages(self, told: Any) -> Iterator[ChatMessage]:
        if not isinstance(told, list):
            raise FieldUnfit(param="messages", detail="it must be a list of messages")
        for each in told:
            if not isinstance(each, dict) or not isinstance(each.get("role"), str):
                detail = "each must be an object with a role"
                raise FieldUnfit(param="messages", detail=detail)
            yield self._message(each)

    def _message(self, told: Body) -> ChatMessage:
        role = str(told["role"]).lower()
        calls = tuple(self._call(each) for each in _list_in(told, "tool_calls"))
        self.open += calls
        return ChatMessage(
            role=role,
            text=text_in(told, "content"),
            images=_images(told, "images"),
            calls=calls,
            answers=self._answered(told) if role == TOOL else None,
        )

    def _call(self, told: Body) -> ToolCall:
        function = told.get("function")
        if not isinstance(function, dict) or not isinstance(function.get("name"), str):
            detail = "each must be an object with a function that has a name"
            raise FieldUnfit(param="tool_calls", detail=detail)
        arguments = function.get("arguments") or {}
        if not isinstance(arguments, dict):
            detail = "the arguments of a function must be an object"
            raise FieldUnfit(param="tool_calls", detail=detail)
        self.calls += 1
        number = str(told.get("id") or f"call_{self.calls}")
        return ToolCall(number, function["name"], json.dumps(arguments))

    def _answered(self, told: Body) -> ToolCall | None:
        """The call that is named, else the first of that function, else the first at all."""
        number, name = told.get("tool_call_id"), told.get("tool_name")
        ranked = sorted(
            self.open,
            key=lambda call: (number != call.id, name != call.name),
        )
        if not ranked:
            return None
        self.open.remove(ranked[0])
        return ranked[0]


def _tool(told: Body) -> Tool:
    function = told.get("function")
    if not isinstance(function, dict) or not isinstance(function.get("name"), str):
        detail = "each must be an object with a function that has a name"
        raise FieldUnfit(param="tools", detail=detail)
    parameters = function.get("parameters") or {}
    if not isinstance(parameters, dict):
        detail = "the parameters of a function must be a JSON schema"
        raise FieldUnfit(param="tools", detail=detail)
    return Tool(function["name"], str(function.get("description") or ""), parameters)


def _images(told: Body, name: str) -> tuple[Image, ...]:
    return tuple(_image(each) for each in _list_in(told, name, of=str))


def _image(told: str) -> Image:
    try:
        content = base64.b64decode(told, validate=True)
    except (binascii.Error, ValueError) as nonsense:
        detail = "each must be a picture in base64, without anything before it"
        raise FieldUnfit(param="images", detail=detail) from nonsense
    kinds = (kind for sign, kind in SIGNS.items() if content.startswith(sign))
    return Image(content, next(kinds, "image/png"))


def _list_in(told: Body, name: str, of: type = dict) -> Sequence[Any]:
    found = told.get(name) or []
    if isinstance(found, list) and all(isinstance(each, of) for each in found):
        return found
    what = "texts" if of is str else "objects"
    raise FieldUnfit(param=name, detail=f"it must be a list of {what}")


def _value(name: str, value: Any) -> ParameterValue:
    """Numbers with a point are cut for options that take none, as Ollama does."""
    kind = PARAMETERS[name].type
    if kind is Type.TEXTS and isinstance(value, str):
        value = [value]
    if kind is Type.WHOLE and isinstance(value, float) and abs(value) < 2**63:
        value = int(value)
    if not fits(name, value):
        detail = f"its value {value!r} is of another type"
        raise FieldUnfit(param=f"options.{name}", detail=detail)
    return value  # type: ignore[no-any-return]
