"""Messages in OpenAI's dialect, in the words that every kind of server is asked with. Pure."""

import base64
import binascii
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from models_app.adapters.base import ChatMessage, Image, ToolCall
from models_app.gateway.openai.unsaid import Unsaid, list_at, only, text_at

ROLES: Final[Mapping[str, str]] = {
    "system": "system",
    "developer": "system",
    "user": "user",
    "assistant": "assistant",
    "tool": "tool",
}
THOUGHTS: Final = ("reasoning_content", "reasoning")
"""What servers call what a model thought, when they tell it and when they are told."""
FIELDS: Final[Mapping[str, tuple[str, ...]]] = {
    "assistant": ("role", "content", "tool_calls", *THOUGHTS),
    "tool": ("role", "content", "tool_call_id", "name"),
}
HINTS: Final = ("cache_control",)
"""Says how to read it, not what."""
DATA: Final = re.compile(
    r"data:(image/[\w.+-]+);base64,(.*)", re.DOTALL | re.IGNORECASE
)


@dataclass(slots=True)
class Spoken:
    """The messages of one conversation; a tool's answer is given to the call it names."""

    calls: dict[str, ToolCall] = field(default_factory=dict)

    def messages(self, told: list[Any]) -> Iterator[ChatMessage]:
        return map(self._message, told)

    def _message(self, told: dict[str, Any]) -> ChatMessage:
        role = ROLES.get(text_at(told, "role"))
        if role is None:
            raise Unsaid
        only(told, *FIELDS.get(role, ("role", "content")), *HINTS)
        text, images = _content(told.get("content"))
        calls = tuple(map(_call, list_at(told, "tool_calls")))
        self.calls |= {each.id: each for each in calls}
        return ChatMessage(
            role=role,
            text=text,
            images=images,
            calls=calls,
            answers=self._answered(told) if role == "tool" else None,
            thinking=_thinking(told),
        )

    def _answered(self, told: dict[str, Any]) -> ToolCall:
        number = text_at(told, "tool_call_id")
        name = text_at(told, "name", otherwise="")
        return self.calls.get(number) or ToolCall(number, name, "{}")


def _thinking(told: dict[str, Any]) -> str:
    return next((text_at(told, name) for name in THOUGHTS if told.get(name)), "")


def _content(told: Any) -> tuple[str, tuple[Image, ...]]:
    """The texts of its parts one below the other, and its pictures."""
    if told is None or isinstance(told, str):
        return told or "", ()
    if not isinstance(told, list):
        raise Unsaid
    parts = [_part(each) for each in told]
    texts = [each for each in parts if isinstance(each, str)]
    return "\n".join(texts), tuple(each for each in parts if isinstance(each, Image))


def _part(told: Any) -> str | Image:
    only(told, "type", "text", "image_url", *HINTS)
    match told.get("type"):
        case "text":
            return text_at(told, "text")
        case "image_url":
            return _image(told.get("image_url"))
    raise Unsaid


def _image(told: Any) -> Image:
    """Given bare, or as the `url` of an object, whose `detail` is a hint."""
    if isinstance(told, str):
        told = {"url": told}
    only(told, "url", "detail")
    found = DATA.fullmatch(text_at(told, "url"))
    if found is None:
        raise Unsaid
    try:
        content = base64.b64decode(found[2], validate=True)
    except (binascii.Error, ValueError) as nonsense:
        raise Unsaid from nonsense
    return Image(content, found[1].lower())


def _call(told: Any) -> ToolCall:
    only(told, "id", "type", "function", "index")
    if told.get("type", "function") != "function":
        raise Unsaid
    function = told.get("function")
    only(function, "name", "arguments")
    arguments = _arguments(function.get("arguments"))
    return ToolCall(text_at(told, "id"), text_at(function, "name"), arguments)


def _arguments(told: Any) -> str:
    """An object as text; some servers take no other."""
    try:
        known = json.loads(told or "{}") if isinstance(told, str | None) else told
    except (ValueError, RecursionError) as nonsense:
        raise Unsaid from nonsense
    if not isinstance(known, dict):
        raise Unsaid
    return told if isinstance(told, str) and told else json.dumps(known)
