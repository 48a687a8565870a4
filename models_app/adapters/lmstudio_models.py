"""Reading LM Studio's two native lists, which hold the loaded instances inside."""

from dataclasses import dataclass
from typing import Any

import httpx

from models_app.adapters.amounts import whole
from models_app.adapters.base import LoadedModel, ModelFacts
from models_app.adapters.shapes import entries_in, object_at, object_in, objects_at


@dataclass(frozen=True, slots=True)
class Instance:
    """A model in memory under a name of its own: one model can be there several times."""

    id: str
    window: int | None = None


@dataclass(frozen=True, slots=True)
class Listed:
    """A model on disk, and its largest window in memory, where it is loaded."""

    facts: ModelFacts
    loaded: LoadedModel | None = None
    instances: tuple[Instance, ...] = ()


def listed_v1(response: httpx.Response) -> list[Listed] | None:
    """From `/api/v1/models`; None when the body is no such list."""
    entries = _entries(response, "models", ("key", "loaded_instances"))
    return None if entries is None else [_of_v1(each) for each in entries]


def listed_v0(response: httpx.Response) -> list[Listed] | None:
    """From `/api/v0/models`; None when the body is no such list."""
    entries = _entries(response, "data", ("id", "state"))
    return None if entries is None else [_of_v0(each) for each in entries]


def _entries(
    response: httpx.Response, name: str, marks: tuple[str, ...]
) -> list[dict[str, Any]] | None:
    told = object_in(response).get(name)
    return entries_in(told, *marks) if response.is_success else None


def _of_v1(entry: dict[str, Any]) -> Listed:
    name = str(entry["key"])
    can = object_at(entry, "capabilities")
    words = {
        "embedding": entry.get("type") == "embedding",
        "completion": entry.get("type") == "llm",
        "vision": can.get("vision"),
        "tools": can.get("trained_for_tool_use"),
        "thinking": can.get("reasoning"),
    }
    instances = tuple(map(_instance, objects_at(entry, "loaded_instances")))
    window = max((each.window for each in instances if each.window), default=None)
    facts = ModelFacts(
        name=name,
        context=whole(entry.get("max_context_length")),
        window=window,
        size=whole(entry.get("size_bytes")),
        quantization=str(object_at(entry, "quantization").get("name") or ""),
        family=str(entry.get("architecture") or ""),
        parameters=str(entry.get("params_string") or ""),
        capabilities=frozenset(word for word, told in words.items() if told),
        title=str(entry.get("display_name") or ""),
        format=str(entry.get("format") or ""),
    )
    loaded = LoadedModel(name, window=window) if instances else None
    return Listed(facts, loaded, instances)


def _instance(told: dict[str, Any]) -> Instance:
    window = whole(object_at(told, "config").get("context_length"))
    return Instance(str(told.get("id") or ""), window)


def _of_v0(entry: dict[str, Any]) -> Listed:
    name, window = str(entry["id"]), whole(entry.get("loaded_context_length"))
    kind = entry.get("type")
    words = {
        "embedding": kind == "embeddings",
        "completion": kind in ("llm", "vlm"),
        "vision": kind == "vlm",
        "tools": "tool_use" in (entry.get("capabilities") or ()),
    }
    facts = ModelFacts(
        name=name,
        context=whole(entry.get("max_context_length")),
        window=window,
        quantization=str(entry.get("quantization") or ""),
        family=str(entry.get("arch") or ""),
        capabilities=frozenset(word for word, told in words.items() if told),
        format=str(entry.get("compatibility_type") or ""),
    )
    loaded = entry.get("state") == "loaded"
    return Listed(facts, LoadedModel(name, window=window) if loaded else None)
