"""What is noted about a model server, and its key."""

from collections.abc import Iterable

from django.db import transaction
from django.utils import timezone

from dashboard.errors import DashboardError
from dashboard.live.bus import publish
from dashboard.live.events import ModelsChanged
from models_app.adapters.base import ModelFacts
from models_app.models import Backend, LanguageModel
from models_app.snapshot import forget


@transaction.atomic
def note_models(backend_id: int, facts: Iterable[ModelFacts]) -> None:
    """Keep what the server lists now; what it no longer lists stays, unlisted."""
    before = _state(backend_id)
    now = timezone.now()
    for each in here(facts):
        LanguageModel.objects.update_or_create(
            backend_id=backend_id,
            name=each.name,
            defaults={**_columns(each), "listed": True, "seen_at": now},
        )
    LanguageModel.objects.filter(backend_id=backend_id, seen_at__lt=now).update(
        listed=False
    )
    Backend.objects.filter(pk=backend_id).update(
        checked_at=now, seen_at=now, failure_code="", failure_facts={}
    )
    _tell_if_changed(backend_id, before)


@transaction.atomic
def note_failure(backend_id: int, failure: DashboardError) -> None:
    """Keep why the server could not be asked; its models stay as last known."""
    before = _state(backend_id)
    Backend.objects.filter(pk=backend_id).update(
        checked_at=timezone.now(),
        failure_code=failure.code,
        failure_facts=failure.facts,
    )
    _tell_if_changed(backend_id, before)


def here(facts: Iterable[ModelFacts]) -> Iterable[ModelFacts]:
    """Those that run on the server itself: a model of somebody's cloud leaves the house."""
    return (each for each in facts if "cloud" not in each.capabilities)


def models_changed() -> None:
    """After the commit, forget what was known here and tell every open page."""
    transaction.on_commit(forget)
    publish(ModelsChanged())


def _columns(facts: ModelFacts) -> dict[str, str | int | None]:
    return {
        "context": facts.context,
        "size": facts.size,
        "quantization": facts.quantization[:40],
        "family": facts.family[:80],
        "parameters": facts.parameters[:40],
    }


def _state(backend_id: int) -> tuple[set[str], set[tuple[str, int | None]]]:
    """What a page shows of a server: whether it answers, and its models."""
    codes = Backend.objects.filter(pk=backend_id).values_list("failure_code", flat=True)
    models = LanguageModel.objects.filter(backend_id=backend_id, listed=True)
    return set(codes), set(models.values_list("name", "context"))


def _tell_if_changed(
    backend_id: int, before: tuple[set[str], set[tuple[str, int | None]]]
) -> None:
    if _state(backend_id) != before:
        models_changed()
