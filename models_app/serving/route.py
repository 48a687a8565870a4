"""Which server answers: one that answered last, among those the person may use."""

from dataclasses import dataclass

from dashboard.errors import NothingToAnswer
from models_app.serving.ask import Ask
from models_app.snapshot import Served, name_key, snapshot


@dataclass(frozen=True, slots=True)
class Route:
    """All that is needed to ask a server, read once; `model` as this server spells it."""

    backend: int
    server: str
    kind: str
    base_url: str
    sealed_key: str
    model: str
    first_token_seconds: int
    silence_seconds: int


def routes(ask: Ask) -> list[Route]:
    """The servers for an ask, the best first; `NothingToAnswer` when there is none.

    Those that answered when last looked at come first, of these the ones whose last reply
    was a good one.
    """
    listed = snapshot(ask.person).models.get(name_key(ask.model), [])
    served = [each for each in listed if ask.server in (None, each.server.pk)]
    if not served:
        raise NothingToAnswer(target=ask.model)
    return [_route(each) for each in sorted(served, key=_rank)]


def _rank(served: Served) -> tuple[bool, bool, str]:
    return (not served.server.up, served.server.doubtful, served.server.name)


def _route(served: Served) -> Route:
    server = served.server
    return Route(
        backend=server.pk,
        server=server.name,
        kind=server.kind,
        base_url=server.base_url,
        sealed_key=server.sealed_key,
        model=served.model,
        first_token_seconds=server.first_token_seconds,
        silence_seconds=server.silence_seconds,
    )
