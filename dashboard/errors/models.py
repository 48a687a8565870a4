"""What could not be done to models: pulls, errands, Modelfiles."""

from dashboard.errors.base import DashboardError, gettext_noop


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


class AlreadyThere(PullError):
    """Somebody asks for a model that they can use now."""

    code = "already_there"
    status = 409
    sentence = gettext_noop(
        "“%(name)s” is there already, on %(server)s: choose it in a chat."
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


class ModelfileUnwritable(DashboardError):
    """A text that no Modelfile can hold; `name` is the instruction."""

    code = "modelfile_unwritable"
    status = 422
    sentence = gettext_noop(
        "The text of %(name)s cannot be written: %(detail)s. Change it, then save again."
    )
