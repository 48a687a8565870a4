"""Whether an ask may come in, and to which servers."""

from django.contrib.auth.models import AbstractBaseUser

from models_app.ledger.quotas import check_quota, quota_of
from models_app.serving.ask import Ask, Origin
from models_app.serving.route import Route, routes
from models_app.serving.slots.reading import tickets_now


def admitted(ask: Ask) -> list[Route]:
    """The servers that may answer, the best first; counts the ask.

    Raises what `routes` raises, or a `QuotaSpent`. Work in the background is the house's
    own, and no person's.
    """
    found = routes(ask)
    if ask.origin != Origin.BACKGROUND:
        check_quota(ask.person, _at_once(ask.person))
    return found


def _at_once(person: AbstractBaseUser) -> int:
    """How many of the person's asks are in; nobody is counted who may have any number, nor
    while Redis is away."""
    if quota_of(person).at_once is None:
        return 0
    return sum(each.person == person.pk for each in tickets_now())
