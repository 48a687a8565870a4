"""Which server answers: one that answered last, among those the person may use."""

from dataclasses import dataclass

from dashboard.errors import NothingToAnswer
from models_app.sealing import unseal
from models_app.serving.ask import Ask
from models_app.snapshot import snapshot


@dataclass(frozen=True, slots=True)
class Route:
    """All that is needed to ask a server, read once."""

    backend: int
    server: str
    kind: str
    base_url: str
    key: str


def route(ask: Ask) -> Route:
    """The server for an ask; `NothingToAnswer` when none of the person's has the model."""
    served = (s for s in snapshot(ask.person).served if s.model == ask.model)
    chosen = min(served, key=lambda each: (not each.up, each.server), default=None)
    if chosen is None:
        raise NothingToAnswer(target=ask.model)
    return Route(
        backend=chosen.backend,
        server=chosen.server,
        kind=chosen.kind,
        base_url=chosen.base_url,
        key=unseal(chosen.sealed_key, server=chosen.server),
    )
