"""A shape out of a GGUF's own words, as Ollama's `/api/show` repeats them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import prod
from typing import Any

from models_app.fit.quantizations import BLOCKS
from models_app.fit.shape import Latent, Missing, Shape

PERIODS = {"gemma2": 2, "gemma3": 6, "gpt-oss": 2, "gptoss": 2, "cohere2": 4}
"""Of so many layers the last looks back over everything, the others over a window.

llama.cpp knows these by the architecture; in others it keeps the whole cache, whatever
window the file names.
"""

PATTERN = "attention.sliding_window_pattern"

LARGEST = 2**50
"""No number of a model is larger; whoever tells one lies."""

MOST_LAYERS = 2_000

COUNTED = 0.99
"""Tensors that hold less than this share of the weights are not all of them."""


@dataclass(frozen=True, slots=True)
class Tensor:
    """A matrix in a file: its rows are as long as the first side."""

    name: str
    type: str
    sides: tuple[int, ...]

    @property
    def elements(self) -> int:
        return prod(self.sides)

    @property
    def bytes(self) -> int | None:
        """Its bytes in the file and in memory; None for a type that is not known."""
        if self.type not in BLOCKS:
            return None
        block, size = BLOCKS[self.type]
        return self.elements // block * size


@dataclass(frozen=True, slots=True)
class _Facts:
    """The keys of one architecture, without its name before them."""

    about: Mapping[str, Any]

    @property
    def architecture(self) -> str:
        return str(self.about.get("general.architecture") or "")

    @property
    def layers(self) -> int | None:
        told = self.number("block_count")
        return told if told is not None and told <= MOST_LAYERS else None

    def number(self, key: str) -> int | None:
        return _count(self.value(key))

    def value(self, key: str) -> object:
        return self.about.get(f"{self.architecture}.{key}")


def shape_from_show(told: Mapping[str, Any], *, mark: str = "") -> Shape:
    """A shape from the answer of `/api/show`; what it does not say is None."""
    about = told.get("model_info")
    facts = _Facts(about if isinstance(about, Mapping) else {})
    tensors = {each.name: each for each in _tensors(told.get("tensors"))}
    layers, heads = facts.layers, facts.number("attention.head_count")
    key, value = _head_sizes(facts, heads)
    windowed = _windowed(facts, layers)
    return Shape(
        mark=mark,
        architecture=facts.architecture,
        layers=layers,
        kv_heads=_kv_heads(facts, tensors, key),
        key_length=key,
        value_length=value,
        heads=heads,
        embedding=facts.number("embedding_length"),
        feed_forward=facts.number("feed_forward_length"),
        vocabulary=_vocabulary(facts, tensors),
        latent=_latent(facts, tensors, key, value),
        sliding_window=facts.number("attention.sliding_window"),
        windowed=windowed,
        experts=facts.number("expert_count") or 0,
        parameters=_count(facts.about.get("general.parameter_count")),
        tied="output.weight" not in tensors if tensors else None,
        trained_context=facts.number("context_length"),
        weights=_weights(told, facts, tensors),
        noted=_noted(facts, windowed),
    )


def _count(value: object) -> int | None:
    if isinstance(value, int) and not isinstance(value, bool):
        return value if 0 <= value <= LARGEST else None
    return None


def _tensors(told: object) -> Iterator[Tensor]:
    for each in told if isinstance(told, list) else []:
        sides = each.get("shape") if isinstance(each, Mapping) else None
        if isinstance(sides, list) and sides and all(map(_count, sides)):
            yield Tensor(str(each.get("name")), str(each.get("type")), tuple(sides))


def _head_sizes(facts: _Facts, heads: int | None) -> tuple[int | None, int | None]:
    embedding = facts.number("embedding_length")
    plain = embedding // heads if embedding and heads else None
    return (
        facts.number("attention.key_length") or plain,
        facts.number("attention.value_length") or plain,
    )


def _kv_heads(
    facts: _Facts, tensors: Mapping[str, Tensor], key_length: int | None
) -> int | tuple[int, ...] | None:
    told = facts.value("attention.head_count_kv")
    if (
        isinstance(told, list)
        and told
        and all(_count(each) is not None for each in told)
    ):
        return tuple(told)
    if _count(told) is not None:
        return _count(told)
    # Ollama hides arrays, but the keys' own matrices are as wide as their heads.
    return _heads_of_matrices(facts.layers, tensors, key_length)


def _heads_of_matrices(
    layers: int | None, tensors: Mapping[str, Tensor], key_length: int | None
) -> tuple[int, ...] | None:
    widths = [tensors.get(f"blk.{layer}.attn_k.weight") for layer in range(layers or 0)]
    if not key_length or not any(widths):
        return None
    return tuple(each.sides[-1] // key_length if each else 0 for each in widths)


def _vocabulary(facts: _Facts, tensors: Mapping[str, Tensor]) -> int | None:
    embedding = tensors.get("token_embd.weight")
    return embedding.sides[-1] if embedding else facts.number("vocab_size")


def _latent(
    facts: _Facts,
    tensors: Mapping[str, Tensor],
    key: int | None,
    value: int | None,
) -> Latent | None:
    rank = facts.number("attention.kv_lora_rank")
    if rank is None:
        return None
    full = facts.number("attention.key_length_mla")
    aware = full is not None or "blk.0.attn_k_b.weight" in tensors
    return Latent(
        rank=rank,
        rope=facts.number("rope.dimension_count") or 0,
        key=full if aware else key,
        value=facts.number("attention.value_length_mla") if aware else value,
        aware=aware,
    )


def _windowed(facts: _Facts, layers: int | None) -> tuple[bool, ...]:
    told = facts.value(PATTERN)
    if isinstance(told, list) and all(isinstance(each, bool) for each in told):
        return tuple(told)
    period = _count(told) or PERIODS.get(facts.architecture)
    if not period or not layers:
        return ()
    return tuple(layer % period < period - 1 for layer in range(layers))


def _weights(
    told: Mapping[str, Any], facts: _Facts, tensors: Mapping[str, Tensor]
) -> dict[str, int]:
    """The sum of all tensors; nothing where some are left out or of an unknown type."""
    count = _count(facts.about.get("general.parameter_count"))
    sizes = [each.bytes for each in tensors.values()]
    known = [each for each in sizes if each is not None]
    held = sum(each.elements for each in tensors.values())
    if not count or held < count * COUNTED or len(known) < len(sizes):
        return {}
    details = told.get("details")
    level = details.get("quantization_level") if isinstance(details, Mapping) else None
    return {str(level or "unknown"): sum(known)}


def _noted(facts: _Facts, windowed: tuple[bool, ...]) -> tuple[Missing, ...]:
    recurrent = any(f"{facts.architecture}.ssm." in key for key in facts.about)
    # Ollama hides a pattern that is an array behind a null.
    hidden = f"{facts.architecture}.{PATTERN}" in facts.about and not windowed
    notes = {Missing.STATE: recurrent, Missing.WINDOWED_LAYERS: hidden}
    return tuple(note for note, holds in notes.items() if holds)
