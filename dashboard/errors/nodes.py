"""What stands against a GPU host joining the house."""

from dashboard.errors.base import DashboardError, gettext_noop


class NodeError(DashboardError):
    """A GPU host was not added or removed."""

    code = "node"


class NodeNameUnfit(NodeError):
    code = "node_name_unfit"
    status = 422
    sentence = gettext_noop(
        "“%(name)s” cannot be the name of a host. Use at most 63 small letters, digits, "
        "dots and hyphens, with a letter or digit first and last, for example gpu-01."
    )


class NodeUnknown(NodeError):
    code = "node_unknown"
    status = 404
    sentence = gettext_noop(
        "There is no host named %(name)s here. The status page lists those that there are."
    )


class NodeTaken(NodeError):
    """A host of that name has a secret, which would be void."""

    code = "node_taken"
    status = 409
    sentence = gettext_noop(
        "There is a host named %(name)s already, and a new secret would shut out the agent "
        "that runs there. Choose another name; or add “--new-secret” to replace its secret "
        "on purpose, and start the agent with the line that is printed then."
    )


class NodesCannotSignIn(NodeError):
    """Redis keeps no users, or does not let us make any."""

    code = "nodes_cannot_sign_in"
    status = 409
    sentence = gettext_noop(
        "%(name)s is added, but Redis does not let Paddock make a user for it "
        "(%(detail)s). Let the account in REDIS_URL run ACL, on Redis or Valkey 7 or "
        "newer, and add it once more with “--new-secret”: that prints a new one."
    )


class NodeStaysSignedIn(NodeError):
    """Redis does not let us end a user that we have made."""

    code = "node_stays_signed_in"
    status = 409
    sentence = gettext_noop(
        "%(name)s is removed and nothing that it sends is taken in, but Redis does not let "
        "Paddock end its user (%(detail)s). Let the account in REDIS_URL run ACL; a worker "
        "tries it again every few seconds."
    )
