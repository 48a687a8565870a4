"""`GET /v1/models`: what the caller may ask."""

from typing import Any

from dashboard.errors import ModelUnknown
from models_app.gateway.callers import Caller
from models_app.gateway.targets import listed_for
from models_app.queries import Target
from models_app.snapshot import name_key, snapshot


def models_for(caller: Caller) -> dict[str, Any]:
    """All of it, in OpenAI's shape; presets are models too."""
    chats = [_entry(name, each) for name, each in listed_for(caller)]
    seen = snapshot(caller.person)
    vectors = {
        served[0].model: served
        for key, served in seen.embedders.items()
        if key not in seen.models and caller.may_use(key)
    }
    return {
        "object": "list",
        "data": [*chats, *({**_said(name)} for name in sorted(vectors))],
    }


def model_for(caller: Caller, name: str) -> dict[str, Any]:
    """One of them; or `ModelUnknown`."""
    wanted = name_key(name)
    for each in models_for(caller)["data"]:
        if name_key(each["id"]) == wanted:
            found: dict[str, Any] = each
            return found
    raise ModelUnknown(model=name, param="model")


def _entry(name: str, target: Target) -> dict[str, Any]:
    told: dict[str, Any] = _said(name)
    if target.is_preset:
        told |= {"parent": target.model}
    if target.context:
        told |= {"max_model_len": target.context}
    return told


def _said(name: str) -> dict[str, Any]:
    """OpenAI's four fields; nobody knows when a model was made, and clients want a time."""
    return {"id": name, "object": "model", "created": 0, "owned_by": "paddock"}
