"""Who is asking."""

from django.http import HttpRequest

from dashboard.errors import SignedOut
from dashboard.people.models import User


def person_of(request: HttpRequest) -> User:
    """The signed-in person of a request; `SignedOut` for nobody."""
    if not isinstance(request.user, User):
        raise SignedOut
    return request.user
