"""What memory goes to: weights, cache, computing, and the runtime of each card."""

from dataclasses import dataclass, replace
from typing import Final

from models_app.fit.kv_cache import cache_bytes, window_held
from models_app.fit.load import Engine, Load
from models_app.fit.machine import Card, Machine
from models_app.fit.quantizations import weights_of
from models_app.fit.shape import Missing, Shape
from models_app.fit.sizes import GIB, MIB

RUNTIME: Final = 457 * MIB
"""The driver's context and libraries on each card, as Ollama logs it."""

GRAPHS: Final = GIB // 2
"""What vLLM's recorded graphs take; between a quarter and one GiB is usual."""

BIG_CARD: Final = 70 * GIB


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """Bytes by part, over all the cards that carry the model; None is unknown.

    `compute` and `runtime` are paid on each card, so more cards need more of them.
    """

    weights: int | None
    cache: int | None
    compute: int | None
    runtime: int
    extra: int = 0

    @property
    def total(self) -> int | None:
        known = (self.weights, self.cache, self.compute)
        counted = [each for each in known if each is not None]
        if len(counted) < len(known):
            return None
        return sum(counted) + self.runtime + self.extra

    @property
    def rest(self) -> int | None:
        """All but the weights."""
        return None if self.total is None else self.total - (self.weights or 0)

    def scaled(self, scale: "Scale") -> "Parts":
        return replace(
            self,
            weights=_times(self.weights, scale.weights),
            cache=_times(self.cache, scale.rest),
            compute=_times(self.compute, scale.rest),
            runtime=round(self.runtime * scale.rest),
            extra=round(self.extra * scale.rest),
        )


@dataclass(frozen=True, slots=True)
class Scale:
    """How much more or less parts take than was counted, the weights apart."""

    weights: float = 1.0
    rest: float = 1.0

    def wider(self, margin: float) -> "Scale":
        """The same, and so much more of everything."""
        return Scale(self.weights * (1 + margin), self.rest * (1 + margin))


PLAIN: Final = Scale()


@dataclass(frozen=True, slots=True)
class Counted:
    """The parts, whether the weights are exact, and the inputs that are missing."""

    parts: Parts
    exact: bool
    missing: tuple[Missing, ...]


def counted(
    shape: Shape, load: Load, machine: Machine, cards: int, scale: Scale = PLAIN
) -> Counted:
    """The parts of a model that so many cards carry (0: the processor)."""
    weights = weights_of(shape, load.quantization)
    cache = cache_bytes(shape, load)
    compute = _compute(shape, load, machine, cards)
    missing = [each for each in (cache, compute) if isinstance(each, Missing)]
    parts = Parts(
        weights=weights.amount if weights else None,
        cache=None
        if isinstance(cache, Missing)
        else _copies(shape, load, cards, cache),
        compute=None if isinstance(compute, Missing) else compute * max(cards, 1),
        runtime=RUNTIME * cards,
        extra=load.extra,
    )
    lacking = [] if weights else [Missing.WEIGHTS]
    return Counted(
        parts.scaled(scale),
        bool(weights and weights.exact),
        tuple(dict.fromkeys(lacking + missing)),
    )


def _times(amount: int | None, factor: float) -> int | None:
    return None if amount is None else round(amount * factor)


def _copies(shape: Shape, load: Load, cards: int, cache: int) -> int:
    """The cache over all cards: vLLM divides by heads, and what cannot be it copies."""
    if load.engine != Engine.VLLM or cards <= 1:
        return cache
    if shape.latent is not None:
        return cache * cards
    heads = max(shape.heads_by_layer or (1,))
    return cache * cards // min(cards, heads) if heads else cache


def _compute(shape: Shape, load: Load, machine: Machine, cards: int) -> int | Missing:
    if shape.vocabulary is None:
        return Missing.VOCABULARY
    if shape.embedding is None:
        return Missing.EMBEDDING
    if load.engine == Engine.VLLM:
        return _activations(
            shape.vocabulary, shape.embedding, shape.feed_forward, machine, cards
        )
    return _buffer(shape.vocabulary, shape.embedding, shape.heads, load)


def _buffer(
    vocabulary: int, embedding: int, heads: int | None, load: Load
) -> int | Missing:
    """llama.cpp's buffer on each card; without flash attention it grows with tokens."""
    plain = 4 * load.batch * (vocabulary + embedding)
    if load.flash_attention:
        return plain
    if heads is None:
        return Missing.HEADS
    tokens = window_held(load) * load.slots
    return max(plain, 4 * load.batch * (1 + 4 * embedding + tokens * (1 + heads)))


def _activations(
    vocabulary: int,
    embedding: int,
    feed_forward: int | None,
    machine: Machine,
    cards: int,
) -> int | Missing:
    """vLLM's peak on each card with its own defaults, and its graphs.

    The widest step holds two of the inner and two of the outer width for each token of
    a batch, in sixteen bits; then come the scores of every sequence, twice. That is an
    assumption which agrees with the one published peak (vllm#12330: 9.37 GiB).
    """
    if feed_forward is None:
        return Missing.FEED_FORWARD
    tokens, sequences = (8192, 1024) if _is_big(machine.cards) else (2048, 256)
    inner = feed_forward // max(cards, 1)
    wide = tokens * 2 * (2 * inner + 2 * embedding)
    return wide + sequences * vocabulary * 4 * 2 + GRAPHS


def _is_big(cards: tuple[Card, ...]) -> bool:
    return bool(cards) and all(
        each.total >= BIG_CARD and "A100" not in each.name for each in cards
    )
