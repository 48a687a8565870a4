"""What is asked for in OpenAI's dialect. Pure: a request in, JSON out."""

import base64
from collections.abc import Mapping
from typing import Any, Final

from models_app.adapters.base import (
    ChatMessage,
    ChatRequest,
    Image,
    Think,
    Tool,
    ToolCall,
)

GO_ON = (
    "Your last message broke off. Write only what comes next, from the very character "
    "where it ended: repeat nothing, explain nothing."
)
"""For servers that cannot simply write on: a model understands this in most cases."""
ANY_OBJECT: Final[Mapping[str, Any]] = {"type": "json_object"}


def spoken(request: ChatRequest, *, writes_on: bool) -> list[dict[str, Any]]:
    """The messages; a reply to go on with is asked for in words unless it `writes_on`."""
    messages = [message_of(each) for each in request.messages]
    if request.go_on and not writes_on:
        messages.append({"role": "user", "content": GO_ON})
    return messages


def message_of(message: ChatMessage) -> dict[str, Any]:
    spoken: dict[str, Any] = {"role": message.role, "content": _content(message)}
    if message.calls:
        spoken["tool_calls"] = [call_of(each) for each in message.calls]
    if message.answers:
        spoken["tool_call_id"] = message.answers.id
    return spoken


def _content(message: ChatMessage) -> str | list[dict[str, Any]] | None:
    if message.images:
        text = [{"type": "text", "text": message.text}] if message.text else []
        return [*text, *map(_picture, message.images)]
    return None if message.calls and not message.text else message.text


def _picture(image: Image) -> dict[str, Any]:
    content = base64.b64encode(image.content).decode()
    url = f"data:{image.media_type};base64,{content}"
    return {"type": "image_url", "image_url": {"url": url}}


def call_of(call: ToolCall) -> dict[str, Any]:
    function = {"name": call.name, "arguments": call.arguments}
    return {"id": call.id, "type": "function", "function": function}


def tool_of(tool: Tool) -> dict[str, Any]:
    function = {
        "name": tool.name,
        "description": tool.description,
        "parameters": dict(tool.parameters),
    }
    return {"type": "function", "function": function}


def response_format(
    wanted: str | Mapping[str, Any], any_object: Mapping[str, Any]
) -> dict[str, Any]:
    """JSON of this schema, which OpenAI wants to have a name; of any shape for "json"."""
    return dict(any_object) if isinstance(wanted, str) else schema_format(wanted)


def schema_format(schema: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "type": "json_schema",
        "json_schema": {"name": "answer", "schema": dict(schema)},
    }


def thinking(wanted: Think | None, *, switches: bool) -> dict[str, Any]:
    """How much a model shall think is OpenAI's own field; whether it shall is none."""
    if isinstance(wanted, str):
        return {"reasoning_effort": wanted}
    if wanted is None or not switches:
        return {}
    return {"chat_template_kwargs": {"enable_thinking": wanted}}
