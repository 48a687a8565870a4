"""Every failure that Paddock tells a person: a code, a status and a sentence with a way out.

The sentence is a gettext message id with named gaps; `facts` fill them. Nothing here
imports Django, so that adapters can raise these; edges translate (`dashboard.sentences`).
"""

from typing import ClassVar


def gettext_noop(text: str) -> str:
    """Mark a message id for translation at the edge."""
    return text


class DashboardError(Exception):
    """The root of the tree; `str(error)` is its sentence in English."""

    code: ClassVar[str] = "failed"
    status: ClassVar[int] = 400
    sentence: ClassVar[str] = gettext_noop("That did not work. Try again.")

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


class KeyUnreadable(DashboardError):
    """A stored key was encrypted under another PADDOCK_SECRET_KEY."""

    code = "key_unreadable"
    status = 500
    sentence = gettext_noop(
        "The stored key of %(server)s cannot be read with this secret key. "
        "Enter it again in the admin."
    )


class ChatError(DashboardError):
    """What a conversation cannot do just now."""


class ConversationBusy(ChatError):
    code = "conversation_busy"
    status = 409
    sentence = gettext_noop(
        "A reply to you is still being written here. Wait for it, or stop it, then send again."
    )


class MessageUnfit(ChatError):
    code = "message_unfit"
    status = 422
    sentence = gettext_noop("Write between 1 and %(most)s characters, then send again.")


class TitleUnfit(ChatError):
    code = "title_unfit"
    status = 422
    sentence = gettext_noop(
        "A title has between 1 and %(most)s characters. Write one, then save again."
    )


class ConversationWentOn(ChatError):
    """More was said under this reply since a page showed it."""

    code = "conversation_went_on"
    status = 409
    sentence = gettext_noop(
        "The conversation has gone on since then. Look at its end; reload if you are in doubt."
    )


class StillOwned(ChatError):
    """An owner cannot just go while others are in."""

    code = "still_owned"
    status = 409
    sentence = gettext_noop(
        "You own this conversation. Hand it over to somebody first, or delete it."
    )


class NotYours(ChatError):
    """A branch that holds what others have written."""

    code = "not_yours"
    status = 403
    sentence = gettext_noop(
        "Others have written in this branch. Its owner can delete it, or each their own."
    )


class NothingChosen(ChatError):
    code = "nothing_chosen"
    status = 422
    sentence = gettext_noop("Choose a model first, then send again.")


class NothingToAnswer(ChatError):
    """The chosen preset or model is gone, hidden from this person, or never was."""

    code = "nothing_to_answer"
    status = 422
    sentence = gettext_noop(
        "“%(target)s” is not available to you now. Choose another model and send again."
    )


class BackendError(DashboardError):
    """A model server did not do what was asked; `server` is its name here."""

    code = "backend"
    status = 502
    sentence = gettext_noop("%(server)s failed: %(detail)s. Try again.")


class BackendUnreachable(BackendError):
    code = "backend_unreachable"
    sentence = gettext_noop(
        "%(server)s cannot be reached (%(detail)s). "
        "Choose another model, or try again in a moment."
    )


class BackendRefused(BackendError):
    """The server answered with an error of its own, before the first token."""

    code = "backend_refused"
    sentence = gettext_noop(
        "%(server)s refused with status %(upstream)s: %(detail)s. "
        "Try again, or choose another model."
    )


class BackendLocked(BackendRefused):
    """It wants a key, or another one than it was given."""

    code = "backend_locked"
    sentence = gettext_noop(
        "%(server)s does not let Paddock in (status %(upstream)s: %(detail)s). "
        "An administrator can enter its key; until then, choose another model."
    )


class NoModelServer(BackendRefused):
    """A web page answers where a model server was expected."""

    code = "no_model_server"
    sentence = gettext_noop(
        "A web page answers at %(server)s, and no model server. "
        "Check its address and port, or choose another model."
    )


class BackendBusy(BackendRefused):
    """It has more to do than it takes on, or is still loading; later is better."""

    code = "backend_busy"
    status = 503
    sentence = gettext_noop(
        "%(server)s is too busy for now (%(detail)s). "
        "Try again in a moment, or choose another model."
    )


class ModelGone(BackendRefused):
    """The server does not have, or no longer has, the model it was asked for."""

    code = "model_gone"
    sentence = gettext_noop(
        "%(server)s no longer has this model (%(detail)s). Choose another model."
    )


class PromptTooLong(BackendRefused):
    """What was sent does not fit the window that the model was loaded with."""

    code = "prompt_too_long"
    status = 413
    sentence = gettext_noop(
        "This is more than %(server)s can read at once: %(detail)s. Shorten the "
        "message, start a new chat, or choose a model with a larger window."
    )


class BackendBroken(BackendError):
    """The server's stream ended early or made no sense."""

    code = "backend_broken"
    sentence = gettext_noop(
        "%(server)s broke off: %(detail)s. Whatever it had written is kept; try again."
    )


class BackendSilent(BackendError):
    code = "backend_silent"
    status = 504
    sentence = gettext_noop(
        "%(server)s sent nothing for %(seconds)s seconds. "
        "It may be overloaded: try again, or choose another model."
    )


class BackendCannotDo(BackendError):
    code = "backend_cannot_do"
    status = 422
    sentence = gettext_noop("%(server)s cannot do this: %(detail)s.")


class PullError(DashboardError):
    """A download that cannot begin, or did not end well; `name` is the model's."""

    code = "pull"
    status = 422
    sentence = gettext_noop("“%(name)s” could not be pulled: %(detail)s.")


class NoServerChosen(PullError):
    """Somebody must say to which server a model should go."""

    code = "no_server_chosen"
    sentence = gettext_noop("Choose a server for “%(name)s” first, then try again.")


class NameUnfit(PullError):
    """No name that this kind of server takes."""

    code = "name_unfit"
    sentence = gettext_noop(
        "“%(name)s” is no name that %(server)s takes. Write one like “%(example)s”."
    )


class TooManyRequests(PullError):
    """So many wishes of one person wait for an answer."""

    code = "too_many_requests"
    status = 429
    sentence = gettext_noop(
        "%(most)s of your wishes wait for an answer already. "
        "Wait until one of them is answered, then ask again."
    )


class NothingToPull(PullError):
    """Nobody offers a model of this name."""

    code = "nothing_to_pull"
    sentence = gettext_noop(
        "%(server)s found no model named “%(name)s”. Look for its exact name, and try again."
    )


class DiskFull(PullError):
    code = "disk_full"
    sentence = gettext_noop(
        "The disk of %(server)s is full. Delete a model there, then retry “%(name)s”."
    )


class WrongBytes(PullError):
    """What came is not what was announced; the server has thrown it away."""

    code = "wrong_bytes"
    sentence = gettext_noop(
        "What %(server)s received of “%(name)s” was damaged. Retry: it begins anew."
    )


class ServerTooOld(PullError):
    code = "server_too_old"
    sentence = gettext_noop(
        "“%(name)s” needs a newer %(server)s. Update that server, then retry."
    )


class PullStalled(PullError):
    code = "pull_stalled"
    sentence = gettext_noop(
        "%(server)s received nothing more of “%(name)s”, though it was asked again "
        "%(times)s times. Look at its connection, then retry."
    )


class ErrandError(DashboardError):
    """What cannot be done with a model just now; `name` is the model's."""

    code = "errand"
    status = 422
    sentence = gettext_noop("That cannot be done with “%(name)s” just now. Try again.")


class ErrandUnderWay(ErrandError):
    """The same is being done already, in another way than is asked for now."""

    code = "errand_under_way"
    status = 409
    sentence = gettext_noop(
        "%(server)s is at work on that with “%(name)s” already, and in another way. "
        "Wait until it has ended, then try again."
    )


class NameTaken(ErrandError):
    """A copy would take the place of another model."""

    code = "name_taken"
    status = 409
    sentence = gettext_noop(
        "%(server)s has a model “%(name)s” already. Choose another name."
    )


class SourceUnreachable(PullError):
    """The server itself answers, but not the place that the model comes from."""

    code = "source_unreachable"
    sentence = gettext_noop(
        "%(server)s cannot reach the place that “%(name)s” comes from (%(detail)s). "
        "Look at its connection, then retry."
    )


class SourceRefused(PullError):
    """The place that a model comes from does not give it away."""

    code = "source_refused"
    sentence = gettext_noop(
        "The place that “%(name)s” comes from does not give it to %(server)s "
        "(%(detail)s). Look whether that model is open to everybody, then retry."
    )


class DatabaseAway(DashboardError):
    """Asked twice, the database did not answer, or was held by somebody else."""

    code = "database_away"
    status = 503
    sentence = gettext_noop(
        "The database of the house does not answer now. What you typed is kept; "
        "try again in a moment."
    )


def _leaves(error: type[DashboardError]) -> dict[str, type[DashboardError]]:
    tree = {error.code: error}
    for child in error.__subclasses__():
        tree |= _leaves(child)
    return tree


def error_class(code: str) -> type[DashboardError]:
    """The class of a stored code; the root for a code no longer known."""
    return _leaves(DashboardError).get(code, DashboardError)
