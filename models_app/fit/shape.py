"""What an estimate has to know of a model, whichever place told it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Missing(StrEnum):
    """An input that nobody told; nothing is put in its place in silence."""

    WEIGHTS = "weights"
    LAYERS = "layers"
    KV_HEADS = "kv_heads"
    HEAD_SIZE = "head_size"
    HEADS = "heads"
    EMBEDDING = "embedding"
    FEED_FORWARD = "feed_forward"
    VOCABULARY = "vocabulary"
    MLA = "mla"
    CARD = "card"
    WINDOWED_LAYERS = "windowed_layers"
    STATE = "state"


@dataclass(frozen=True, slots=True, kw_only=True)
class Latent:
    """Multi-head latent attention: what may be kept of keys and values (DeepSeek).

    A file is `aware` when it tells the sizes of the latents; one that is not makes
    llama.cpp keep the whole of every head.
    """

    rank: int
    rope: int
    key: int | None = None
    value: int | None = None
    aware: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """A model's numbers; None is unknown.

    `kv_heads` is one number for all layers, or one for each: 0 where a layer keeps no
    cache. `windowed` says of each layer whether it looks back only `sliding_window`
    tokens. `weights` are bytes by quantization. `mark` tells one model from another.
    """

    mark: str = ""
    architecture: str = ""
    layers: int | None = None
    kv_heads: int | tuple[int, ...] | None = None
    key_length: int | None = None
    value_length: int | None = None
    heads: int | None = None
    embedding: int | None = None
    feed_forward: int | None = None
    vocabulary: int | None = None
    latent: Latent | None = None
    sliding_window: int | None = None
    windowed: tuple[bool, ...] = ()
    experts: int = 0
    parameters: int | None = None
    tied: bool | None = None
    trained_context: int | None = None
    weights: Mapping[str, int] = field(default_factory=dict)
    noted: tuple[Missing, ...] = ()

    @property
    def heads_by_layer(self) -> tuple[int, ...] | None:
        """The heads that keep a cache, layer by layer; None where that is unknown."""
        if isinstance(self.kv_heads, tuple):
            return self.kv_heads
        if self.kv_heads is None or self.layers is None:
            return None
        return (self.kv_heads,) * self.layers

    def is_windowed(self, layer: int) -> bool:
        return layer < len(self.windowed) and self.windowed[layer]
