"""What a conversation cannot do just now."""

from dashboard.errors.base import DashboardError, gettext_noop


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


class WindowNotOffered(ChatError):
    """A window that no server of the model can be asked for now."""

    code = "window_not_offered"
    status = 422
    sentence = gettext_noop(
        "No server can be asked for a window of %(window)s tokens for this model now. "
        "Ask again without it, or choose another model."
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
