"""What model servers did not do, or not let us do."""

from dashboard.errors.base import DashboardError, gettext_noop


class KeyUnreadable(DashboardError):
    """A stored key was encrypted under another PADDOCK_SECRET_KEY."""

    code = "key_unreadable"
    status = 500
    sentence = gettext_noop(
        "The stored key of %(server)s cannot be read with this secret key. "
        "Enter it again in the admin."
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


class ServersDraining(BackendError):
    """All that have the model, named by `server`, finish what they write, and take nothing
    new."""

    code = "servers_draining"
    status = 503
    sentence = gettext_noop(
        "No server with this model takes new replies for now: an administrator is "
        "draining %(server)s. Choose another model, or try again later."
    )


class GaveWay(BackendError):
    """Work that nobody waits for left its place to somebody who does."""

    code = "gave_way"
    status = 503
    sentence = gettext_noop(
        "%(server)s serves somebody who waits first. This is tried again later."
    )


class EndedByAdmin(BackendError):
    """An administrator stopped a generation; `by` is the number of their account, `name`
    what they are called. The ledger knows neither."""

    code = "ended_by_admin"
    status = 409
    sentence = gettext_noop("An administrator ended this on %(server)s.")
