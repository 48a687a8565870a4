"""What members may send in Ollama's dialect: fields, and options by name.

Options that load a model anew, for everybody who uses it, are left out, as is whatever
says how long it stays in memory and what its template is.
"""

from collections.abc import Mapping
from typing import Any, Final

from dashboard.errors import FieldUnfit
from models_app.gateway.callers import Caller
from models_app.gateway.fields import check_fields, unusable

COMMON: Final = frozenset(
    # `name` is what `model` was called before.
    ["model", "name", "options", "truncate"]
)
ANSWERED: Final = COMMON | frozenset(
    ["stream", "format", "think", "shift", "logprobs", "top_logprobs"]
)
CHAT: Final = ANSWERED | frozenset(["messages", "tools"])
GENERATE: Final = ANSWERED | frozenset(
    ["prompt", "suffix", "images", "system", "context"]
)
EMBED: Final = COMMON | frozenset(["input", "dimensions"])
OLD_EMBED: Final = COMMON | frozenset(["prompt"])
OPTIONS: Final = frozenset(
    [
        "temperature",
        "top_p",
        "top_k",
        "min_p",
        "typical_p",
        "seed",
        "stop",
        "num_predict",
        "num_keep",
        "repeat_last_n",
        "repeat_penalty",
        "presence_penalty",
        "frequency_penalty",
    ]
)
WITHIN: Final = "options."
IN_OPTIONS: Final = tuple(f"{WITHIN}{each}" for each in OPTIONS)


def check(caller: Caller, body: Mapping[str, Any], usual: frozenset[str]) -> None:
    """`FieldNotAllowed` or `FieldMisspelt` for the first field, or option, that the caller
    may not send.

    What is null says nothing. An option is granted by its name, or as "options.…".
    """
    said = {name: value for name, value in body.items() if value is not None}
    check_fields(said, usual, caller.fields, IN_OPTIONS)
    for name in options_in(body):
        if not _may_send(caller, name):
            raise unusable(f"{WITHIN}{name}", IN_OPTIONS)


def options_in(body: Mapping[str, Any]) -> dict[str, Any]:
    """The options that say something."""
    options = body.get("options") or {}
    if not isinstance(options, dict):
        raise FieldUnfit(param="options", detail="it must be an object")
    return {name: value for name, value in options.items() if value is not None}


def name_in(body: Mapping[str, Any], field: str = "model") -> str:
    """The model that a body names, also by the old name of that field."""
    name = body.get(field) or (body.get("name") if field == "model" else None)
    if not isinstance(name, str) or not name:
        raise FieldUnfit(param=field, detail="it must be the name of a model")
    return name


def _may_send(caller: Caller, option: str) -> bool:
    granted = caller.fields
    return (
        granted is None
        or option in OPTIONS
        or not granted.isdisjoint({option, f"{WITHIN}{option}"})
    )
