"""Every failure that Paddock tells a person: a code, a status and a sentence with a way out.

The sentence is a gettext message id with named gaps; `facts` fill them. Nothing here
imports Django, so that adapters can raise these; edges translate (`dashboard.sentences`).
"""

from dashboard.errors.base import (
    BadCommand,
    DashboardError,
    DatabaseAway,
    LinkSpent,
    NotAllowed,
    NotFound,
    SignedOut,
    gettext_noop,
)
from dashboard.errors.chat import (
    ChatError,
    ConversationBusy,
    ConversationWentOn,
    MessageUnfit,
    NothingChosen,
    NothingToAnswer,
    NotYours,
    StillOwned,
    TitleUnfit,
    WindowNotOffered,
)
from dashboard.errors.models import (
    AlreadyThere,
    DiskFull,
    ErrandError,
    ErrandUnderWay,
    ModelfileUnwritable,
    NameTaken,
    NameUnfit,
    NoServerChosen,
    NothingToPull,
    PullError,
    PullStalled,
    ServerTooOld,
    SourceRefused,
    SourceUnreachable,
    TooManyRequests,
    WrongBytes,
)
from dashboard.errors.nodes import (
    NodeError,
    NodeNameUnfit,
    NodesCannotSignIn,
    NodeStaysSignedIn,
    NodeTaken,
    NodeUnknown,
)
from dashboard.errors.presets import (
    ModelfileUnsound,
    ModelThere,
    NamesAFile,
    NoSuchModel,
    NothingToRead,
    NothingToTry,
    PresetError,
    PresetNameTaken,
    PresetWentOn,
)
from dashboard.errors.quotas import (
    GpuTimeSpent,
    PlacesSpent,
    QuotaSpent,
    RequestsSpent,
    TokensSpent,
)
from dashboard.errors.servers import (
    BackendBroken,
    BackendBusy,
    BackendCannotDo,
    BackendError,
    BackendLocked,
    BackendRefused,
    BackendSilent,
    BackendUnreachable,
    EndedByAdmin,
    GaveWay,
    KeyUnreadable,
    ModelGone,
    NoModelServer,
    PromptTooLong,
    ServersDraining,
)

__all__ = [
    "AlreadyThere",
    "BackendBroken",
    "BackendBusy",
    "BackendCannotDo",
    "BackendError",
    "BackendLocked",
    "BackendRefused",
    "BackendSilent",
    "BackendUnreachable",
    "BadCommand",
    "ChatError",
    "ConversationBusy",
    "ConversationWentOn",
    "DashboardError",
    "DatabaseAway",
    "DiskFull",
    "EndedByAdmin",
    "ErrandError",
    "ErrandUnderWay",
    "GaveWay",
    "GpuTimeSpent",
    "KeyUnreadable",
    "LinkSpent",
    "MessageUnfit",
    "ModelGone",
    "ModelThere",
    "ModelfileUnsound",
    "ModelfileUnwritable",
    "NameTaken",
    "NameUnfit",
    "NamesAFile",
    "NoModelServer",
    "NoServerChosen",
    "NoSuchModel",
    "NodeError",
    "NodeNameUnfit",
    "NodeStaysSignedIn",
    "NodeTaken",
    "NodeUnknown",
    "NodesCannotSignIn",
    "NotAllowed",
    "NotFound",
    "NotYours",
    "NothingChosen",
    "NothingToAnswer",
    "NothingToPull",
    "NothingToRead",
    "NothingToTry",
    "PlacesSpent",
    "PresetError",
    "PresetNameTaken",
    "PresetWentOn",
    "PromptTooLong",
    "PullError",
    "PullStalled",
    "QuotaSpent",
    "RequestsSpent",
    "ServerTooOld",
    "ServersDraining",
    "SignedOut",
    "SourceRefused",
    "SourceUnreachable",
    "StillOwned",
    "TitleUnfit",
    "TokensSpent",
    "TooManyRequests",
    "WindowNotOffered",
    "WrongBytes",
    "error_class",
    "gettext_noop",
]


def _leaves(error: type[DashboardError]) -> dict[str, type[DashboardError]]:
    tree = {error.code: error}
    for child in error.__subclasses__():
        tree |= _leaves(child)
    return tree


def error_class(code: str) -> type[DashboardError]:
    """The class of a stored code; the root for a code no longer known."""
    return _leaves(DashboardError).get(code, DashboardError)
