"""Noting what models really take in memory, beside what was predicted for them."""

from typing import Any

from django.utils import timezone

from models_app.fit.calibration import Measurement, measurement_of
from models_app.fit.estimate import fit
from models_app.fit.machine import Machine
from models_app.model_loads import load_of, stored_shape
from models_app.models import Backend, FitMeasurement, LanguageModel


def note_loads(backend: Backend) -> bool:
    """Note what each model in the server's memory takes; whether anything is new.

    Only of one whose shape its server has told, and with the window that it has.
    """
    loaded = backend.language_models.filter(
        listed=True, loaded=True, memory__gt=0, window__gt=0
    ).exclude(mark="")
    return sum(_noted(backend, each) for each in loaded) > 0


def _noted(backend: Backend, model: LanguageModel) -> bool:
    found = _measured(backend, model)
    if found is None:
        return False
    same: dict[str, Any] = {
        "mark": found.model,
        "window": found.window,
        "engine": found.engine,
    }
    told: dict[str, Any] = {
        "architecture": found.architecture[:80],
        "quantization": found.quantization,
        "cache": found.cache,
        "slots": found.slots,
        "predicted": found.predicted,
        "measured": found.measured,
        "backend": backend,
    }
    if FitMeasurement.objects.filter(**same, **told).exists():
        return False
    FitMeasurement.objects.update_or_create(
        **same, defaults={**told, "measured_at": timezone.now()}
    )
    return True


def _measured(backend: Backend, model: LanguageModel) -> Measurement | None:
    shape, load = stored_shape(model), load_of(model, backend)
    if shape is None or load is None or not model.memory:
        return None
    predicted = fit(shape, load, _machine(backend, model)).parts.total
    if not predicted:
        return None
    return measurement_of(shape, load, predicted=predicted, measured=model.memory)


def _machine(backend: Backend, model: LanguageModel) -> Machine:
    """Where it lies: in main memory alone, if none of it is on a card."""
    if model.card_memory == 0:
        return Machine(ram=model.memory)
    return backend.hardware.machine
