"""The root of every failure, and those that belong to no part."""

from typing import ClassVar


def gettext_noop(text: str) -> str:
    """Mark a message id for translation at the edge."""
    return text


class DashboardError(Exception):
    """The root of the tree; `str(error)` is its sentence in English."""

    code: ClassVar[str] = "failed"
    status: ClassVar[int] = 400
    sentence: ClassVar[str] = gettext_noop("That did not work. Try again.")
    counts: ClassVar[tuple[str, ...]] = ()
    """The facts that are amounts: people are told them with their thousands apart."""

    def __init__(self, **facts: str | int) -> None:
        self.facts = facts
        super().__init__(self.sentence % facts)


class NotAllowed(DashboardError):
    code = "not_allowed"
    status = 403
    sentence = gettext_noop(
        "You may not do that. Ask the owner or an administrator to give you the right."
    )


class NotFound(DashboardError):
    code = "not_found"
    status = 404
    sentence = gettext_noop("That is not here, or you are not part of it.")


class SignedOut(DashboardError):
    code = "signed_out"
    status = 401
    sentence = gettext_noop("You are signed out. Sign in again to go on.")


class BadCommand(DashboardError):
    """A frame that no page of ours sends."""

    code = "bad_command"
    status = 400
    sentence = gettext_noop(
        "The page sent something unreadable (%(detail)s). Reload it."
    )


class LinkSpent(DashboardError):
    code = "link_spent"
    status = 410
    sentence = gettext_noop(
        "This link has been used or has expired. Ask whoever gave it to you for a new one."
    )


class DatabaseAway(DashboardError):
    """Asked twice, the database did not answer, or was held by somebody else."""

    code = "database_away"
    status = 503
    sentence = gettext_noop(
        "The database of the house does not answer now. What you typed is kept; "
        "try again in a moment."
    )
