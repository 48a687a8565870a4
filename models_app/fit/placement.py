"""On how many cards a model goes, and how many of its layers when not all do."""

from dataclasses import dataclass
from math import floor

from models_app.fit.load import Engine, Load
from models_app.fit.machine import Card, Machine
from models_app.fit.parts import PLAIN, Counted, Scale, counted
from models_app.fit.quantizations import BITS
from models_app.fit.shape import Missing, Shape

OUTPUT_BITS = 6.5625
"""The output matrix of the K quantizations is Q6_K."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """A model laid on cards: what it needs there of what there is, whole or in part.

    `layers` None: so many layers cannot be told. `in_ram` is what the cards do not
    hold. `cards` 0 is the processor.
    """

    counted: Counted
    need: int | None
    budget: int
    cards: int
    whole: bool
    layers: int | None = None
    in_ram: int = 0


def placed(
    shape: Shape, load: Load, machine: Machine, scale: Scale = PLAIN
) -> Placement:
    """The model on as few cards as its engine takes; `scale` corrects the sum."""
    if load.engine == Engine.VLLM:
        return _on_ranks(shape, load, machine, scale)
    if not machine.cards:
        return _on_processor(shape, load, machine, scale)
    best = max(machine.cards, key=lambda card: card.budget)
    alone = _on_cards(shape, load, machine, (best,), scale)
    # Ollama spreads a model only when no card holds it; the others always do.
    one_card = len(machine.cards) == 1 or load.engine == Engine.OLLAMA
    if one_card and (alone.whole or len(machine.cards) == 1):
        return alone
    return _on_cards(shape, load, machine, machine.cards, scale)


def ranks_of(shape: Shape, machine: Machine) -> int:
    """Over how many cards vLLM can divide the model: heads must come out even."""
    heads = shape.heads or 1
    cards = len(machine.cards)
    return max((n for n in range(1, cards + 1) if heads % n == 0), default=0)


def utilization(load: Load, machine: Machine) -> float:
    """The share of each card that vLLM is given: what is free, at most 0.90."""
    if load.utilization is not None:
        return load.utilization
    free = min((each.budget / each.total for each in machine.cards), default=0)
    return min(0.90, floor(free * 100) / 100)


def _on_processor(
    shape: Shape, load: Load, machine: Machine, scale: Scale
) -> Placement:
    sums = counted(shape, load, machine, 0, scale)
    need = sums.parts.total
    whole = need is not None and need <= machine.budget
    return Placement(
        counted=sums, need=need, budget=machine.budget, cards=0, whole=whole
    )


def _on_cards(
    shape: Shape, load: Load, machine: Machine, cards: tuple[Card, ...], scale: Scale
) -> Placement:
    sums = counted(shape, load, machine, len(cards), scale)
    need = sums.parts.total
    budget = sum(each.budget for each in cards)
    fitting = _fitting(shape, load, sums, cards)
    whole = need is not None and need <= budget
    if len(cards) > 1 and shape.layers and whole:
        whole = _layers_held(shape.layers, sums, cards, 0) >= shape.layers
    left = _left_over(shape, sums, fitting)
    return Placement(
        counted=sums,
        need=need,
        budget=budget,
        cards=len(cards),
        whole=whole,
        layers=shape.layers if whole else fitting,
        in_ram=0 if whole else left,
    )


def _on_ranks(shape: Shape, load: Load, machine: Machine, scale: Scale) -> Placement:
    ranks = ranks_of(shape, machine)
    sums = counted(shape, load, machine, ranks, scale)
    share = utilization(load, machine)
    smallest = min((each.total for each in machine.cards), default=0)
    budget = floor(smallest * share) * ranks
    if not ranks or any(each.maker == "Apple" for each in machine.cards):
        missing = (*sums.missing, Missing.CARD)
        sums = Counted(sums.parts, sums.exact, missing)
    elif ranks > 1 and shape.heads is None:
        sums = Counted(sums.parts, sums.exact, (*sums.missing, Missing.HEADS))
    # What this hardware does not run needs nothing, and no window of it fits.
    need = None if sums.missing else sums.parts.total
    whole = need is not None and need <= budget
    over = max(0, need - budget) if need is not None else 0
    return Placement(
        counted=sums, need=need, budget=budget, cards=ranks, whole=whole, in_ram=over
    )


def _fitting(
    shape: Shape, load: Load, sums: Counted, cards: tuple[Card, ...]
) -> int | None:
    """How many layers the cards hold beside what each pays and the output matrix."""
    if not shape.layers or sums.parts.total is None:
        return None
    bits = max(BITS.get(load.quantization, 16.0), OUTPUT_BITS)
    output = (shape.vocabulary or 0) * (shape.embedding or 0) * bits / 8
    held = _layers_held(shape.layers, sums, cards, output)
    # What does not fit whole keeps a layer off the cards at least.
    return min(shape.layers - 1, held)


def _layers_held(
    layers: int, sums: Counted, cards: tuple[Card, ...], output: float
) -> int:
    parts = sums.parts
    paid = ((parts.compute or 0) + parts.runtime) / len(cards)
    layer = _spread(sums) / layers
    rooms = sorted((each.budget - paid for each in cards), reverse=True)
    rooms[0] -= output
    return sum(max(0, floor(room / layer)) for room in rooms) if layer else layers


def _spread(sums: Counted) -> int:
    """What is divided among layers: weights and cache."""
    parts = sums.parts
    return (parts.weights or 0) + (parts.cache or 0) + parts.extra


def _left_over(shape: Shape, sums: Counted, fitting: int | None) -> int:
    if not shape.layers or fitting is None:
        return 0
    return round(_spread(sums) * (shape.layers - fitting) / shape.layers)
