"""Which server answers: the first that the person may use and that has the model."""

from dataclasses import dataclass

from django.contrib.auth import get_user_model

from dashboard.errors import NothingToAnswer
from models_app.models import LanguageModel
from models_app.sealing import unseal
from models_app.serving.ask import Ask


@dataclass(frozen=True, slots=True)
class Route:
    """All that is needed to ask a server, read once."""

    backend: int
    server: str
    kind: str
    base_url: str
    key: str


def route(ask: Ask) -> Route:
    """The server for an ask, one that answered last before one that did not.

    `NothingToAnswer` when no server that the person may use lists the model.
    """
    person = get_user_model().objects.get(pk=ask.person)
    rows = LanguageModel.objects.usable_by(person).filter(name=ask.model)
    ordered = rows.select_related("backend").order_by(
        "backend__failure_code", "backend__name"
    )
    row = ordered.first()
    if row is None:
        raise NothingToAnswer(target=ask.model)
    backend = row.backend
    return Route(
        backend=backend.pk,
        server=backend.name,
        kind=backend.kind,
        base_url=backend.base_url,
        key=unseal(backend.sealed_key, server=backend.name),
    )
