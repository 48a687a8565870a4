"""What servers told of their models' shapes, and what real loads took beside it."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from django.db import DataError, IntegrityError, transaction
from django.utils import timezone

from models_app.fit.calibration import Calibration, Measurement, measurement_of
from models_app.fit.gguf import shape_from_show
from models_app.fit.load import LEAST_WINDOW, Cache, Engine, Load
from models_app.fit.machine import Machine, nominal_card
from models_app.fit.placement import placed
from models_app.fit.shape import Shape
from models_app.fit.slots import seeming_slots
from models_app.models import Backend, FitMeasurement, LanguageModel, ModelShape

ROOM = 2**50
"""Bytes of a machine on which any model is whole, so that all its parts are counted."""
KEPT = 500
"""So many of the newest measurements are learned from."""


def marks_without_shape(marks: Iterable[str]) -> list[str]:
    """Those of these marks whose shape nobody has told yet, in their order."""
    asked = [each for each in marks if each]
    known = ModelShape.objects.filter(mark__in=asked).values_list("mark", flat=True)
    return [each for each in asked if each not in set(known)]


def keep_shape(mark: str, told: Mapping[str, Any]) -> None:
    """Keep what a server told; the first to come stays, for a mark means one content."""
    try:
        with transaction.atomic():
            ModelShape.objects.get_or_create(mark=mark[:100], defaults={"told": told})
    except (IntegrityError, DataError):
        # Told by another look at this moment, or nothing that a column can hold.
        return


def shape_for(model: LanguageModel) -> Shape | None:
    """The shape of a model whose server has told it."""
    kept = ModelShape.objects.filter(mark=model.mark).first() if model.mark else None
    return weighed(shape_from_show(kept.told, mark=model.mark), model) if kept else None


def weighed(shape: Shape, model: LanguageModel) -> Shape:
    """The same with the size of the file for weights of which nobody told the bytes."""
    name = model.quantization
    if not model.size or name in shape.weights:
        return shape
    return replace(shape, weights={**shape.weights, name: model.size})


def calibration() -> Calibration:
    """What all real loads have taught, the newest last.

    Not those that seem to be made for more replies at once than is known, nor those of a
    window that nobody means.
    """
    rows = FitMeasurement.objects.filter(seeming=None, window__gte=LEAST_WINDOW)
    newest = rows.order_by("-measured_at")[:KEPT]
    return Calibration.of(map(_measurement, reversed(newest)))


@transaction.atomic
def measure_loads(backend_id: int) -> None:
    """Keep what each model that is loaded there takes beside what was predicted."""
    backend = Backend.objects.filter(pk=backend_id, kind__in=[*Engine]).first()
    if backend is None:
        return
    loaded = backend.language_models.filter(
        listed=True, loaded=True, memory__gt=0, window__gte=LEAST_WINDOW
    )
    for model in loaded:
        if shape := shape_for(model):
            _measure(model, shape, backend)


def forget_loads(server: str) -> None:
    """Unlearn what was measured on a server that is not loaded as was thought."""
    FitMeasurement.objects.filter(server=server).delete()


def load_of(model: LanguageModel, engine: Engine, slots: int = 1) -> Load:
    """How it is loaded now, as far as its server tells: with a cache of 16 bits."""
    return Load(
        engine=engine,
        window=model.window or 1,
        quantization=model.quantization,
        slots=slots,
    )


def slots_of(model: LanguageModel, backend: Backend) -> int | None:
    """For how many replies at once it is loaded; None where nobody has said so.

    No server tells. What writes no replies has one slot on Ollama, whatever is set.
    """
    return backend.slots if model.chats else 1


def _measure(model: LanguageModel, shape: Shape, backend: Backend) -> None:
    stated = slots_of(model, backend)
    load = load_of(model, Engine(backend.kind), stated or 1)
    on_cards = model.card_memory is None or model.card_memory > 0
    machine = (
        Machine(cards=(nominal_card("", ROOM),)) if on_cards else Machine(ram=ROOM)
    )
    # The sum alone: nobody asks here how long a window could be.
    parts = placed(shape, load, machine).counted.parts
    predicted = parts.total
    if not predicted or predicted > ROOM or not model.memory:
        return
    given = measurement_of(shape, load, parts=parts, measured=model.memory)
    _keep(
        given,
        server=backend.name,
        stated=stated is not None,
        seeming=None if stated else seeming_slots(shape, load, machine, model.memory),
    )


def _keep(
    given: Measurement, *, server: str, stated: bool, seeming: int | None
) -> None:
    same: dict[str, Any] = {
        "engine": given.engine,
        "mark": given.model,
        "quantization": given.quantization,
        "cache": given.cache,
        "window": given.window,
        "slots": given.slots,
        "server": server,
    }
    told: dict[str, Any] = {
        "predicted": given.predicted,
        "weights": given.weights,
        "measured": given.measured,
        "stated": stated,
        "seeming": seeming,
    }
    if not FitMeasurement.objects.filter(**same, **told).exists():
        fresh = {"architecture": given.architecture[:80], "measured_at": timezone.now()}
        FitMeasurement.objects.update_or_create(**same, defaults={**told, **fresh})


def _measurement(row: FitMeasurement) -> Measurement:
    return Measurement(
        engine=Engine(row.engine),
        architecture=row.architecture,
        model=row.mark,
        quantization=row.quantization,
        cache=Cache(row.cache),
        window=row.window,
        slots=row.slots,
        predicted=row.predicted,
        weights=row.weights,
        measured=row.measured,
    )
