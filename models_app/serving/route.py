"""Which servers may answer an ask, the best first. Pure, over a snapshot."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum

from dashboard.errors import NothingToAnswer, PicturesUnseen, ServersDraining
from models_app.serving.ask import Ask
from models_app.serving.slots.wishes import Candidate
from models_app.snapshot import Served, name_key, snapshot


class Tier(IntEnum):
    """How well a server is placed to answer; the lower the better."""

    LOADED = 0
    WELL = 1
    TRIPPED = 2
    AWAY = 3


@dataclass(frozen=True, slots=True)
class Route:
    """All that is needed to ask a server, read once; `model` as this server spells it.

    `room` is how many replies it writes at once; `loaded` is None where it does not tell.
    """

    backend: int
    server: str
    kind: str
    base_url: str
    sealed_key: str
    model: str
    first_token_seconds: int
    silence_seconds: int
    tier: Tier
    room: int
    weight: int
    loaded: bool | None


def routes(ask: Ask) -> list[Route]:
    """The servers for an ask, the best first.

    Raises `NothingToAnswer` when there is none, `PicturesUnseen` when all are known to take
    no pictures and there are some, `ServersDraining` when none takes more.
    """
    seen = snapshot(ask.person)
    models = seen.embedders if ask.embeds else seen.models
    listed = models.get(name_key(ask.model), [])
    served = [each for each in listed if ask.server in (None, each.server.pk)]
    if not served:
        raise NothingToAnswer(target=ask.model)
    if ask.pictures:
        served = _seeing(served, ask)
    taking = [each for each in served if not each.server.draining]
    if not taking:
        raise ServersDraining(server=", ".join(each.server.name for each in served))
    found = [_route(each) for each in taking]
    return sorted(found, key=lambda each: (each.tier, -each.weight, each.server))


def _seeing(served: Sequence[Served], ask: Ask) -> list[Served]:
    """Those that take pictures, as far as they tell."""
    seeing = [each for each in served if each.sees is not False]
    if not seeing:
        raise PicturesUnseen(model=ask.model, param=ask.pictures)
    return seeing


def tier_of(served: Served) -> Tier:
    """Up and with a closed circuit first, of these the ones that have it in memory.

    A server that does not tell what it has loaded has only this one.
    """
    if not served.server.up:
        return Tier.AWAY
    if served.server.tripped:
        return Tier.TRIPPED
    return Tier.WELL if served.loaded is False else Tier.LOADED


def askable(found: Sequence[Route], *, besides: Iterable[int] = ()) -> list[Route]:
    """Those that are asked now: rather wait for a server that is well than ask another.

    Without any, those whose circuit is open; without these, those that are away: one of
    them may be back, and else its failure is the truest answer there is. `besides` have
    failed at this ask already.
    """
    failed = set(besides)
    left = [each for each in found if each.backend not in failed]
    well = [each for each in left if each.tier <= Tier.WELL]
    tripped = [each for each in left if each.tier == Tier.TRIPPED]
    return well or tripped or left


def candidates(asked: Iterable[Route]) -> tuple[Candidate, ...]:
    """The same as those see them who give out places."""
    return tuple(
        Candidate(each.backend, each.room, int(each.tier), each.weight)
        for each in asked
    )


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
        tier=tier_of(served),
        room=server.room,
        weight=server.weight,
        loaded=served.loaded,
    )
