"""What is asked for in OpenAI's dialect. Pure: a request in, JSON out."""

import base64
from typing import Any

from models_app.adapters.base import (
    ChatMessage,
    ChatRequest,
    Image,
    Tool,
    ToolCall,
)

GO_ON = (
    "Your last message broke off. Write only what comes next, from the very character "
    "where it ended: repeat nothing, explain nothing."
)
"""For servers that cannot simply write on: a model understands this in most cases."""


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
