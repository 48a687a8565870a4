"""One model of the catalogue, and its shape for an estimate."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from models_app.fit.advice import Alternative
from models_app.fit.quantizations import weights_of
from models_app.fit.shape import Latent, Shape


class Purpose(StrEnum):
    """What somebody looks for a model for."""

    CHAT = "chat"
    CODE = "code"
    LONG_CONTEXT = "long_context"
    SMALL = "small"


class SizeBasis(StrEnum):
    """Where the size of a file comes from, the surest first."""

    FILE = "file"
    TENSORS = "tensors"
    BITS = "bits"


@dataclass(frozen=True, slots=True)
class Size:
    """The size of a model in one quantization, and where the number comes from."""

    amount: int
    basis: SizeBasis


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A model: what it is, what an estimate needs, and its names by quantization.

    `sizes` are those that are known; `size_of` computes the others. `latent_file` says
    whether its GGUF files tell the sizes of latent attention.
    """

    slug: str
    name: str
    family: str
    purposes: tuple[Purpose, ...]
    licence: str
    source: str
    trained_context: int
    parameters: int
    layers: int
    kv_heads: int | tuple[int, ...]
    key_length: int
    value_length: int
    heads: int
    embedding: int
    vocabulary: int
    feed_forward: int | None = None
    tied: bool | None = None
    architecture: str = ""
    experts: int = 0
    latent_rank: int | None = None
    latent_rope: int | None = None
    latent_key: int | None = None
    latent_value: int | None = None
    latent_file: bool = False
    sizes: Mapping[str, Size]
    ollama: Mapping[str, str]
    lmstudio: Mapping[str, str]
    vllm: Mapping[str, str]

    @property
    def quantizations(self) -> tuple[str, ...]:
        """Those that some server can be told to fetch."""
        return tuple(dict.fromkeys((*self.ollama, *self.lmstudio, *self.vllm)))


def shape_of(entry: Entry) -> Shape:
    """What an estimate needs of an entry."""
    return Shape(
        mark=f"catalogue:{entry.slug}",
        architecture=entry.architecture,
        layers=entry.layers,
        kv_heads=entry.kv_heads,
        key_length=entry.key_length,
        value_length=entry.value_length,
        heads=entry.heads,
        embedding=entry.embedding,
        feed_forward=entry.feed_forward,
        vocabulary=entry.vocabulary,
        latent=_latent(entry),
        experts=entry.experts,
        parameters=entry.parameters,
        tied=entry.tied,
        trained_context=entry.trained_context,
        weights={name: each.amount for name, each in entry.sizes.items()},
    )


def size_of(entry: Entry, quantization: str) -> Size | None:
    """The known size, or one computed from bits a weight; None where neither can be."""
    if quantization in entry.sizes:
        return entry.sizes[quantization]
    computed = weights_of(shape_of(entry), quantization)
    return Size(computed.amount, SizeBasis.BITS) if computed else None


def alternatives_to(
    entry: Entry, entries: tuple[Entry, ...]
) -> tuple[Alternative, ...]:
    """The smaller models of the same family, the largest first."""
    smaller = [
        each
        for each in entries
        if each.family == entry.family and each.parameters < entry.parameters
    ]
    smaller.sort(key=lambda each: each.parameters, reverse=True)
    return tuple(Alternative(each.name, shape_of(each)) for each in smaller)


def _latent(entry: Entry) -> Latent | None:
    if entry.latent_rank is None:
        return None
    return Latent(
        rank=entry.latent_rank,
        rope=entry.latent_rope or 0,
        key=entry.latent_key,
        value=entry.latent_value,
        aware=entry.latent_file,
    )
