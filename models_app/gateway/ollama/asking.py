"""What every question in Ollama's dialect comes to: an ask, and how its answer is written."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from models_app.adapters import ADAPTERS
from models_app.adapters.base import Dialect, Form, Verbatim
from models_app.gateway.callers import Caller
from models_app.gateway.ollama.lines import Writer
from models_app.serving.ask import Ask

Body = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Asking:
    """An ask, and how its answer is written; without an ask, `told` is the answer."""

    ask: Ask | None
    writer: Writer
    form: Form
    told: Mapping[str, Any] = field(default_factory=dict)


Asked = Callable[[Caller, Body], Asking]


def speaks_ollama(kind: str) -> bool:
    return Dialect.OLLAMA in ADAPTERS[kind].speaks


def form_of(body: Mapping[str, Any]) -> Form:
    """Ollama streams unless it is told not to."""
    return Form.WHOLE if body.get("stream") is False else Form.LINES


def verbatim(path: str, body: Body, model: str, form: Form) -> Verbatim:
    words = {name: value for name, value in body.items() if name != "name"}
    return Verbatim(path, {**words, "model": model}, form)
