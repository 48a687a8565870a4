"""A window that a reply is asked with, and the server that has room for it."""

from dataclasses import dataclass

from dashboard.errors import WindowNotOffered
from dashboard.people.models import User
from models_app.queries import Target
from models_app.wider import server_with


@dataclass(frozen=True, slots=True)
class Wide:
    """So many tokens, on the server of this number."""

    window: int
    server: int


def wide_for(
    person: User, answers: Target, window: int, *, chosen: bool = False
) -> Wide | None:
    """The window where a server of the person's has room for it now, else none.

    Raises `WindowNotOffered` for one that was `chosen` and that no server has room for.
    """
    if window <= 0:
        return None
    server = server_with(person, answers.model, window)
    if server is not None:
        return Wide(window, server)
    if chosen:
        raise WindowNotOffered(window=window)
    return None
