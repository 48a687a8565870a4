"""Who is asking."""

from django.http import HttpRequest

from dashboard.errors import SignedOut
from dashboard.people.models import User

DIGITS = 18
"""As many as every number of a row has, and no more than a column holds."""


def person_of(request: HttpRequest) -> User:
    """The signed-in person of a request; `SignedOut` for nobody."""
    if not isinstance(request.user, User):
        raise SignedOut
    return request.user


def number_in(request: HttpRequest, name: str) -> int:
    """A number of a row from the address; 0 for anything else."""
    return row_number(request.GET.get(name, ""))


def row_number(text: str) -> int:
    """The number of a row that somebody wrote; 0 for what cannot be one."""
    fits = text.isascii() and text.isdigit() and len(text) <= DIGITS
    return int(text) if fits else 0
