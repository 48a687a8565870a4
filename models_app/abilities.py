"""What a server can be asked to do besides a reply, and why not where it cannot."""

from dashboard.errors import gettext_noop
from models_app.adapters import ADAPTERS
from models_app.adapters.base import Can
from models_app.models import Backend

KIND_UNKNOWN = gettext_noop("it is not known yet what kind of server it is")


def reason_against(server: Backend, what: Can) -> str:
    """Why a server cannot do this, as a message id; "" for one that can."""
    # The starter holds one model, though it may not have been asked yet.
    if what in server.can and not server.starter:
        return ""
    kind = ADAPTERS.get(server.kind)
    if kind is None:
        return KIND_UNKNOWN
    return kind.excuses.get(what, kind.excuse)
