"""Reading OpenAI's list of models, in which every kind of server has its own fields."""

from typing import Any

import httpx

from models_app.adapters.amounts import whole
from models_app.adapters.base import ModelFacts
from models_app.adapters.shapes import entries_in, json_in, object_at

CONTEXT_FIELDS = (
    "max_model_len",
    "context_length",
    "context_window",
    "max_context_length",
)
MARKS = ("size", "n_params", "n_ctx_train")


def listed(response: httpx.Response) -> list[dict[str, Any]] | None:
    """The entries of a list of models; None when the body is no such list."""
    told = json_in(response)
    if isinstance(told, dict) and "data" in told:
        told = [] if told["data"] is None else told["data"]
    return entries_in(told, "id")


def model_facts(entry: dict[str, Any]) -> ModelFacts:
    meta = object_at(entry, "meta")
    return ModelFacts(
        name=str(entry["id"]),
        context=whole(meta.get("n_ctx_train")) or _context(entry, meta),
        window=_context(entry, meta),
        size=whole(meta.get("size")),
        quantization=str(meta.get("ftype") or ""),
        parameters=_counted(whole(meta.get("n_params"))),
        capabilities=_capabilities(entry),
        mark="/".join(str(meta[name]) for name in MARKS if name in meta),
    )


def _capabilities(entry: dict[str, Any]) -> frozenset[str]:
    kinds = object_at(entry, "architecture").get("input_modalities")
    images = isinstance(kinds, list) and "image" in kinds
    return frozenset({"vision"} if images else ())


def _context(entry: dict[str, Any], meta: dict[str, Any]) -> int | None:
    told = [entry.get(name) for name in CONTEXT_FIELDS]
    told += [meta.get("n_ctx"), entry.get("max_input_tokens")]
    return next((tokens for each in told if (tokens := whole(each))), None)


def _counted(weights: int | None) -> str:
    """134515008 as Ollama would write it: 134.5M."""
    if not weights:
        return ""
    return f"{weights / 1e9:.1f}B" if weights >= 1e9 else f"{weights / 1e6:.1f}M"
