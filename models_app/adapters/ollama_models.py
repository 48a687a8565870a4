"""Reading what Ollama lists: models on disk, models in memory, one model's details."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from models_app.adapters.amounts import whole
from models_app.adapters.base import LoadedModel, ModelFacts
from models_app.adapters.shapes import entries_in, object_at, object_in

FOREVER = timedelta(days=365)
"""`keep_alive: -1` is told as a date in the year 2318."""


def listed(response: httpx.Response) -> list[dict[str, Any]] | None:
    """The entries of a list; None when the body is no such list."""
    told = object_in(response)
    if "models" not in told:
        return None
    return entries_in(told["models"] or [], "name")


def model_facts(entry: dict[str, Any]) -> ModelFacts:
    """From `/api/tags`; the context length and the capabilities are told since 2026."""
    details = object_at(entry, "details")
    remote = {"cloud"} if entry.get("remote_model") else set()
    return ModelFacts(
        name=str(entry["name"]),
        context=whole(details.get("context_length")),
        size=whole(entry.get("size")),
        quantization=str(details.get("quantization_level") or ""),
        family=str(details.get("family") or ""),
        parameters=str(details.get("parameter_size") or ""),
        capabilities=_words(entry) | remote,
        mark=str(entry.get("digest") or ""),
        format=str(details.get("format") or ""),
        changed_at=_time(entry.get("modified_at")),
    )


def with_details(model: ModelFacts, told: dict[str, Any]) -> ModelFacts:
    """Completed from `/api/show`: the trained length hides under the architecture."""
    about = object_at(told, "model_info")
    architecture = about.get("general.architecture")
    context = whole(about.get(f"{architecture}.context_length"))
    return replace(
        model,
        context=context or model.context,
        capabilities=model.capabilities | _words(told),
    )


def loaded_model(entry: dict[str, Any]) -> LoadedModel:
    """From `/api/ps`; one that is still loading is not in it."""
    return LoadedModel(
        name=str(entry["name"]),
        memory=whole(entry.get("size")),
        card_memory=whole(entry.get("size_vram")),
        unloads_at=_leaving(entry.get("expires_at")),
        window=whole(entry.get("context_length")),
    )


def _leaving(told: object) -> datetime | None:
    at = _time(told)
    return None if at and at - datetime.now(UTC) > FOREVER else at


def _time(told: object) -> datetime | None:
    try:
        at = datetime.fromisoformat(str(told))
    except ValueError:
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _words(told: dict[str, Any]) -> frozenset[str]:
    words = told.get("capabilities")
    return frozenset(map(str, words)) if isinstance(words, list) else frozenset()
