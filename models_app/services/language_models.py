"""Keeping what a server lists: written only where something changed, for a server may
list hundreds of models and is asked every few seconds."""

from collections.abc import Sequence
from datetime import datetime

from models_app.adapters.base import LoadedModel, ModelFacts
from models_app.adapters.lines import storable
from models_app.models import Backend, LanguageModel
from models_app.models.language_model import LONGEST_NAME

COLUMNS = (
    "context",
    "window",
    "size",
    "quantization",
    "family",
    "parameters",
    "capabilities",
    "chats",
    "mark",
    "loaded",
    "memory",
    "card_memory",
    "unloads_at",
    "listed",
    "seen_at",
)
INTEGER, BIG_INTEGER = 2**31 - 1, 2**63 - 1
MOST = 5000
"""Models that are kept of one server."""
SHOWN = ("context", "window", "capabilities", "chats", "loaded", "listed")
"""What a page shows of a model."""


def keep_models(
    backend: Backend,
    *,
    models: Sequence[ModelFacts],
    loaded: Sequence[LoadedModel] | None,
    now: datetime,
) -> bool:
    """Keep the models of a look; whether anything changed that a page shows.

    A model of somebody's cloud is left out: what is said to it leaves the house.
    """
    known = {row.name: row for row in backend.language_models.all()}
    in_memory = None if loaded is None else {each.name: each for each in loaded}
    fresh: list[LanguageModel] = []
    changed: list[LanguageModel] = []
    shown = False
    for name, facts in offered(models).items():
        row = known.pop(name, None) or LanguageModel(backend=backend, name=name)
        before = {column: getattr(row, column) for column in COLUMNS}
        _fill(row, facts, in_memory)
        if row.pk is None or any(getattr(row, c) != before[c] for c in COLUMNS):
            row.seen_at = now
            (changed if row.pk else fresh).append(row)
            shown |= not row.pk or any(getattr(row, c) != before[c] for c in SHOWN)
    LanguageModel.objects.bulk_create(fresh)
    LanguageModel.objects.bulk_update(changed, COLUMNS, batch_size=200)
    return _unlist(known, seen_at=backend.seen_at or now) or shown


def offered(models: Sequence[ModelFacts]) -> dict[str, ModelFacts]:
    """The models to keep, by name: none of a cloud, and none that no row could hold."""
    return {
        each.name: each
        for each in models[:MOST]
        if "cloud" not in each.capabilities
        and len(each.name) <= LONGEST_NAME
        and each.name == storable(each.name)
    }


def known_facts(backend_id: int) -> dict[str, ModelFacts]:
    """What was told of each model before, by its name."""
    rows = LanguageModel.objects.filter(backend=backend_id)
    return {
        row.name: ModelFacts(
            name=row.name,
            context=row.context,
            capabilities=frozenset(row.capabilities),
            mark=row.mark,
        )
        for row in rows.only("name", "context", "capabilities", "mark")
    }


def _fill(
    row: LanguageModel, facts: ModelFacts, in_memory: dict[str, LoadedModel] | None
) -> None:
    held = (in_memory or {}).get(facts.name)
    row.context = _amount(facts.context, INTEGER)
    row.window = _amount((held.window if held else None) or facts.window, INTEGER)
    row.size = _amount(facts.size, BIG_INTEGER)
    row.quantization = storable(facts.quantization)[:40]
    row.family = storable(facts.family)[:80]
    row.parameters = storable(facts.parameters)[:40]
    row.capabilities = sorted(map(storable, facts.capabilities))
    row.chats = facts.chats
    row.mark = storable(facts.mark)[:100]
    row.loaded = None if in_memory is None else held is not None
    row.memory = _amount(held.memory if held else None, BIG_INTEGER)
    row.card_memory = _amount(held.card_memory if held else None, BIG_INTEGER)
    row.unloads_at = held.unloads_at if held else None
    row.listed = True


def _amount(told: int | None, largest: int) -> int | None:
    """A number that the column can hold; a server that lies may tell any."""
    return told if told is not None and 0 <= told <= largest else None


def _unlist(gone: dict[str, LanguageModel], *, seen_at: datetime) -> bool:
    rows = [row.pk for row in gone.values() if row.listed]
    unlisted = LanguageModel.objects.filter(pk__in=rows)
    return bool(unlisted.update(listed=False, loaded=None, seen_at=seen_at))
