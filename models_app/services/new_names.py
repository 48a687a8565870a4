"""What models may be made of, and how they may be called: no other name opens one."""

from dashboard.errors import NameTaken, NotFound
from dashboard.people.models import User
from models_app.inventory import closed_models
from models_app.models import Backend
from models_app.models.language_model import LONGEST_NAME
from models_app.pullers import listed_as
from models_app.services.restrictions import restrict_like
from models_app.snapshot import name_key


def check_base(base: str, server: Backend, *, by: User) -> None:
    """`NotFound` for a model that is for others, by whichever of its names."""
    if _is_closed(base, server, by):
        raise NotFound


def check_new_name(name: str, server: Backend, *, by: User) -> None:
    """`NameTaken` for the name of a model that is for others."""
    if _is_closed(name, server, by):
        raise NameTaken(name=name[:LONGEST_NAME], server=server.name)


def check_not_there(name: str, server: Backend) -> None:
    """`NameTaken` for that of a model that the server has."""
    names = server.language_models.filter(listed=True).values_list("name", flat=True)
    if name_key(listed_as(name, server)) in map(name_key, names):
        raise NameTaken(name=name[:LONGEST_NAME], server=server.name)


def restrict_there(base: str, new_name: str, server: Backend) -> None:
    """What is made of a model is for the same people, where nobody decided otherwise."""
    there = listed_as(new_name, server).removesuffix(":latest")
    restrict_like(listed_as(base, server), there)


def _is_closed(name: str, server: Backend, by: User) -> bool:
    return name_key(listed_as(name, server)) in closed_models(by)
