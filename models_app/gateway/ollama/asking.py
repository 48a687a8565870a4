"""What questions in Ollama's dialect have in common."""

from collections.abc import Mapping
from typing import Any

from models_app.adapters import ADAPTERS
from models_app.adapters.base import Dialect, Form, Verbatim
from models_app.gateway.asking import Body


def speaks_ollama(kind: str) -> bool:
    return Dialect.OLLAMA in ADAPTERS[kind].speaks


def form_of(body: Mapping[str, Any]) -> Form:
    """Ollama streams unless it is told not to."""
    return Form.WHOLE if body.get("stream") is False else Form.LINES


def verbatim(path: str, body: Body, model: str, form: Form) -> Verbatim:
    words = {name: value for name, value in body.items() if name != "name"}
    return Verbatim(path, {**words, "model": model}, form)
