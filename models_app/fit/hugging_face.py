"""A shape out of a `config.json` as Hugging Face's models have it."""

from collections.abc import Mapping
from typing import Any

from models_app.fit.shape import Latent, Missing, Shape

ALL_WINDOWED = frozenset({"mistral"})
"""Where a window without a word on layers means every layer."""


def shape_from_config(
    config: Mapping[str, Any],
    *,
    mark: str = "",
    parameters: int | None = None,
    weights: Mapping[str, int] | None = None,
) -> Shape:
    """A shape from a configuration; it says nothing of parameters and weights."""
    inner = config.get("text_config")
    told = inner if isinstance(inner, Mapping) else config
    window, windowed, noted = _windows(told)
    heads = _count(told, "num_attention_heads")
    size = _head_size(told, heads)
    tied = told.get("tie_word_embeddings")
    return Shape(
        mark=mark,
        architecture=str(told.get("model_type") or ""),
        layers=_count(told, "num_hidden_layers"),
        kv_heads=_kv_heads(told, heads),
        key_length=size,
        value_length=size,
        heads=heads,
        embedding=_count(told, "hidden_size"),
        feed_forward=_count(told, "intermediate_size"),
        vocabulary=_count(told, "vocab_size"),
        latent=_latent(told),
        sliding_window=window,
        windowed=windowed,
        experts=_count(told, "num_local_experts")
        or _count(told, "n_routed_experts")
        or 0,
        parameters=parameters,
        tied=tied if isinstance(tied, bool) else None,
        trained_context=_count(told, "max_position_embeddings"),
        weights=dict(weights or {}),
        noted=noted,
    )


def _count(told: Mapping[str, Any], key: str) -> int | None:
    value = told.get(key)
    good = isinstance(value, int) and not isinstance(value, bool) and value > 0
    return value if good else None


def _head_size(told: Mapping[str, Any], heads: int | None) -> int | None:
    embedding = _count(told, "hidden_size")
    plain = embedding // heads if embedding and heads else None
    return _count(told, "head_dim") or plain


def _kv_heads(told: Mapping[str, Any], heads: int | None) -> int | None:
    # Absent means that every head has keys of its own; null or nonsense is unknown.
    return (
        _count(told, "num_key_value_heads") if "num_key_value_heads" in told else heads
    )


def _latent(told: Mapping[str, Any]) -> Latent | None:
    rank = _count(told, "kv_lora_rank")
    if rank is None:
        return None
    rope = _count(told, "qk_rope_head_dim") or 0
    plain = _count(told, "qk_nope_head_dim")
    value = _count(told, "v_head_dim")
    key = plain + rope if plain else None
    return Latent(rank=rank, rope=rope, key=key, value=value)


def _windows(
    told: Mapping[str, Any],
) -> tuple[int | None, tuple[bool, ...], tuple[Missing, ...]]:
    window = _count(told, "sliding_window")
    kinds, layers = told.get("layer_types"), _count(told, "num_hidden_layers")
    if window is None or told.get("use_sliding_window") is False:
        return None, (), ()
    if isinstance(kinds, list):
        return window, tuple(each == "sliding_attention" for each in kinds), ()
    if told.get("model_type") in ALL_WINDOWED and layers:
        return window, (True,) * layers, ()
    return window, (), (Missing.WINDOWED_LAYERS,)
