"""Which servers pull, under which names, and why the others do not; no server is asked."""

from dataclasses import dataclass

from dashboard.errors import BackendCannotDo, NameUnfit
from dashboard.people.models import User
from models_app.abilities import reason_against
from models_app.adapters import ADAPTERS
from models_app.adapters.base import Can
from models_app.inventory import servers_for
from models_app.models import Backend
from models_app.models.language_model import LONGEST_NAME
from models_app.snapshot import name_key

EXAMPLE = "qwen3:0.6b"


@dataclass(frozen=True, slots=True)
class NoPuller:
    """A server that does not pull, and why."""

    server: Backend
    reason: str


def puller_servers(person: User) -> list[Backend]:
    """The person's servers to which models can be pulled, by name."""
    return [each for each in servers_for(person) if not why_not(each)]


def other_servers(person: User) -> list[NoPuller]:
    """All their other servers: how their models come there instead."""
    theirs = servers_for(person)
    return [NoPuller(each, reason) for each in theirs if (reason := why_not(each))]


def why_not(server: Backend) -> str:
    """Why it pulls no models, as a message id; "" for one that does."""
    return reason_against(server, Can.PULL)


def check_puller(server: Backend) -> None:
    if reason := why_not(server):
        raise BackendCannotDo(server=server.name, detail=reason)


def goes_on_alone(server: Backend) -> bool:
    """Whether its downloads go on when we hang up, and nobody here can stop them."""
    kind = ADAPTERS.get(server.kind)
    return kind is not None and Can.CANCEL not in kind.can


def key_for(name: str, server: Backend | None) -> str:
    """What makes two wishes the same, on that server or on any; `NameUnfit` for no name."""
    _check(name, server=server.name if server else "Paddock")
    if server is None or why_not(server):
        return name_key(name)
    kind = ADAPTERS[server.kind]
    try:
        return name_key(kind.full_name(name))
    except ValueError as unfit:
        raise NameUnfit(name=name, server=server.name, example=kind.example) from unfit


def listed_as(name: str, server: Backend) -> str:
    """Under which name the server has what is called so there: one model has many names.

    What it takes for no name is given back as it is; no model there is called so.
    """
    kind = ADAPTERS.get(server.kind)
    try:
        return kind.full_name(name) if kind else name.strip()
    except ValueError:
        return name.strip()


def _check(name: str, *, server: str) -> None:
    """`NameUnfit` for what no kind of server takes; each kind asks for more."""
    fits = 0 < len(name) <= LONGEST_NAME and name.isprintable() and " " not in name
    if not fits:
        raise NameUnfit(name=name[:LONGEST_NAME], server=server, example=EXAMPLE)
