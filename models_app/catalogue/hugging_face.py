"""The facts of an entry that a `config.json` tells, as Hugging Face's models have it."""

import json
from collections.abc import Mapping
from typing import Any

from models_app.catalogue.read import Unreadable

Config = Mapping[str, Any]


def facts_from_config(text: str) -> dict[str, int | str | bool]:
    """What it tells, by the names of an entry; `Unreadable` for no object of JSON.

    It says nothing of parameters and files. An entry keeps no windows of single layers.
    """
    try:
        config = json.loads(text)
    except (ValueError, RecursionError) as wrong:
        raise Unreadable(text[:80]) from wrong
    if not isinstance(config, Mapping):
        raise Unreadable(text[:80])
    inner = config.get("text_config")
    told = inner if isinstance(inner, Mapping) else config
    facts = {**_shape(told), **_latent(told), "tied": _tied(told)}
    return {name: value for name, value in facts.items() if value is not None}


def _shape(told: Config) -> dict[str, int | str | None]:
    heads = _count(told, "num_attention_heads")
    size = _head_size(told, heads)
    return {
        "architecture": str(told.get("model_type") or "") or None,
        "trained_context": _count(told, "max_position_embeddings"),
        "layers": _count(told, "num_hidden_layers"),
        "kv_heads": _kv_heads(told, heads),
        "key_length": size,
        "value_length": size,
        "heads": heads,
        "embedding": _count(told, "hidden_size"),
        "vocabulary": _count(told, "vocab_size"),
        "feed_forward": _count(told, "intermediate_size"),
        "experts": _count(told, "num_local_experts")
        or _count(told, "num_experts")
        or _count(told, "n_routed_experts"),
    }


def _latent(told: Config) -> dict[str, int | None]:
    """What latent attention keeps; with it a head has sizes of its own."""
    rank = _count(told, "kv_lora_rank")
    if rank is None:
        return {}
    rope = _count(told, "qk_rope_head_dim") or 0
    plain = _count(told, "qk_nope_head_dim")
    key = plain + rope if plain else None
    value = _count(told, "v_head_dim")
    return {
        "key_length": key,
        "value_length": value,
        "latent_rank": rank,
        "latent_rope": rope or None,
        "latent_key": key,
        "latent_value": value,
    }


def _count(told: Config, key: str) -> int | None:
    value = told.get(key)
    good = isinstance(value, int) and not isinstance(value, bool) and value > 0
    return value if good else None


def _head_size(told: Config, heads: int | None) -> int | None:
    embedding = _count(told, "hidden_size")
    plain = embedding // heads if embedding and heads else None
    return _count(told, "head_dim") or plain


def _kv_heads(told: Config, heads: int | None) -> int | None:
    # Absent means that every head has keys of its own; null or nonsense is unknown.
    return (
        _count(told, "num_key_value_heads") if "num_key_value_heads" in told else heads
    )


def _tied(told: Config) -> bool | None:
    tied = told.get("tie_word_embeddings")
    return tied if isinstance(tied, bool) else None
