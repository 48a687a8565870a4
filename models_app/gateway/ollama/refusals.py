"""Failures in Ollama's shape: a sentence under `error`, whole or as the line that ends it."""

from collections.abc import Mapping
from typing import Final

import msgspec
from starlette.responses import Response

from dashboard.errors import DashboardError
from models_app.gateway.refusals import OTHERWISE, headers_of, status_of, words_for

IN_OLLAMAS: Final[Mapping[str, str]] = {
    **OTHERWISE,
    "model_not_found": (
        "There is no model “%(model)s” for this key. GET /api/tags lists those there are."
    ),
}
"""What is told in other words than in OpenAI's dialect."""


class OllamaRefusal(Response):
    """One failure as the whole answer."""

    media_type = "application/json"

    def __init__(self, failure: DashboardError) -> None:
        super().__init__(
            as_ollama(failure),
            status_code=status_of(failure),
            headers=headers_of(failure),
        )


def as_ollama(failure: DashboardError) -> bytes:
    return msgspec.json.encode({"error": words_for(failure, IN_OLLAMAS)})


def broken_line(failure: DashboardError) -> bytes:
    return as_ollama(failure) + b"\n"
