"""Whether an ask may come in, and to which servers."""

from dataclasses import dataclass

from models_app.ledger.quotas import check_quota, quota_of
from models_app.serving.ask import Ask, Origin
from models_app.serving.route import Route, routes


@dataclass(frozen=True, slots=True)
class Admission:
    """The servers that may answer, the best first; the door refuses who has `at_once`
    replies under way already, of which None is any number."""

    found: list[Route]
    at_once: int | None = None


def admitted(ask: Ask) -> Admission:
    """Let an ask come to the door, and count it.

    Raises what `routes` raises, or a `QuotaSpent`. Work in the background is the house's
    own, and no person's.
    """
    found = routes(ask)
    if ask.origin == Origin.BACKGROUND:
        return Admission(found)
    check_quota(ask.person)
    return Admission(found, quota_of(ask.person).at_once)
