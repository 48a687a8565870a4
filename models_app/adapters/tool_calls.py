"""Calls of functions that a model asks for, put together from how servers send them."""

import json
from dataclasses import dataclass
from typing import Any

from models_app.adapters.amounts import whole
from models_app.adapters.base import ToolCall
from models_app.adapters.lines import storable


@dataclass(slots=True)
class _Call:
    id: str = ""
    name: str = ""
    arguments: str = ""


class ToolCalls:
    """The calls of one reply: OpenAI's dialect sends the arguments in pieces."""

    def __init__(self) -> None:
        self._calls: dict[int, _Call] = {}

    def feed(self, deltas: list[dict[str, Any]]) -> None:
        """Take pieces up; LM Studio says null for what was told already."""
        for delta in deltas:
            call = self._calls.setdefault(self._index(delta), _Call())
            function = delta.get("function") or {}
            call.id = delta.get("id") or call.id
            call.name = function.get("name") or call.name
            call.arguments += function.get("arguments") or ""

    def _index(self, delta: dict[str, Any]) -> int:
        """Where no index is told, a name begins another call."""
        index, last = whole(delta.get("index")), max(self._calls, default=-1)
        if index is not None:
            return index
        begins = bool((delta.get("function") or {}).get("name"))
        return last + 1 if begins else max(last, 0)

    def whole(self) -> list[ToolCall]:
        """The calls in their order; one without an id gets one."""
        return [
            ToolCall(
                storable(call.id) or f"call_{index}",
                storable(call.name),
                storable(call.arguments) or "{}",
            )
            for index, call in sorted(self._calls.items())
        ]


def whole_call(call: dict[str, Any], place: int) -> ToolCall:
    """A call as Ollama sends it: in one piece, its arguments an object, maybe without id."""
    function = call["function"]
    return ToolCall(
        id=storable(str(call.get("id") or f"call_{place}")),
        name=storable(str(function["name"])),
        arguments=json.dumps(function.get("arguments") or {}),
    )
