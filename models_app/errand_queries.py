"""What is being done with models, and what a person may have done; nothing is changed here."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Q
from django.utils import timezone

from dashboard.people.models import User
from models_app.abilities import reason_against
from models_app.adapters.base import Can
from models_app.models import Backend, Errand, LanguageModel
from models_app.queries import targets_for
from models_app.rights import permitted
from models_app.snapshot import name_key

FRESH = timedelta(hours=1)
"""How long the table of models tells that something failed."""


@dataclass(frozen=True, slots=True)
class Row:
    """A model as the table shows it: what is being done with it, or failed just now, what
    this person may have done, and whether any server answers that has it."""

    model: LanguageModel
    errand: Errand | None
    can: frozenset[Can]
    answers: bool


@dataclass(frozen=True, slots=True)
class Cannot:
    """What a person may have done, but a server cannot do, and why: a message id."""

    what: Can
    reason: str


def rows_for(person: User, models: Sequence[LanguageModel]) -> list[Row]:
    newest, answered = _newest_of(models), answered_for(person)
    return [
        Row(
            each,
            newest.get((each.backend_id, each.name)),
            doable(person, each.backend),
            answers=name_key(each.name) in answered,
        )
        for each in models
    ]


def answered_for(person: User) -> frozenset[str]:
    """The models, by `name_key`, with which the person can chat now."""
    models = (each for each in targets_for(person) if each.up and not each.is_preset)
    return frozenset(name_key(each.model) for each in models)


def doable(person: User, server: Backend) -> frozenset[Can]:
    """What this person may have done now with the models of a server that can do it.

    One that is away can do nothing.
    """
    if not server.up:
        return frozenset()
    return frozenset(each for each in permitted(person) if each in server.can)


def undoable(person: User, server: Backend) -> list[Cannot]:
    """What they may have done as well, but not there; the same reasons beside each other."""
    reasons = ((each, reason_against(server, each)) for each in permitted(person))
    found = [Cannot(each, reason) for each, reason in reasons if reason]
    return sorted(found, key=lambda each: each.reason)


def recent_errands(model: LanguageModel, most: int = 8) -> list[Errand]:
    """The newest about a model on its server, whatever became of them."""
    about = Errand.objects.filter(backend=model.backend_id, name=model.name)
    return list(about.select_related("asked_by")[:most])


def _newest_of(models: Sequence[LanguageModel]) -> dict[tuple[int, str], Errand]:
    """By server and name: only what is open, or failed a while ago and nothing came after."""
    lately = Q(status__in=Errand.OPEN) | Q(ended_at__gt=timezone.now() - FRESH)
    about = Errand.objects.filter(
        lately,
        backend__in={each.backend_id for each in models},
        name__in={each.name for each in models},
    )
    newest = {(each.backend_id, each.name): each for each in reversed(about)}
    done = Errand.Status.DONE
    return {key: each for key, each in newest.items() if each.status != done}
