"""One line of a batch: what it asks of the door, and what is written down of it."""

from collections.abc import Mapping
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from dashboard.errors import (
    BackendBusy,
    BackendUnreachable,
    DashboardError,
    DatabaseAway,
    FieldUnfit,
    GaveWay,
    ServersDraining,
)
from models_app.adapters.base import Piece
from models_app.batches.lines import Line
from models_app.gateway.asking import Asked, Asking, let_through
from models_app.gateway.callers import Caller
from models_app.gateway.openai.asks import (
    CHAT_PATH,
    COMPLETION_PATH,
    EMBEDDING_PATH,
    chat_ask,
    completion_ask,
    embedding_ask,
)
from models_app.gateway.refusals import as_openai, status_of
from models_app.ledger.quotas import quota_of
from models_app.serving.ask import Done, Origin
from models_app.serving.route import askable

ASKED: Final[Mapping[str, Asked]] = {
    CHAT_PATH: chat_ask,
    COMPLETION_PATH: completion_ask,
    EMBEDDING_PATH: embedding_ask,
}
MOST_AT_ONCE: Final = 4
"""Lines of one batch that are asked at once, however much room there is."""
AWAY: Final = 60
SOON: Final = 5


@dataclass(frozen=True, slots=True)
class Admitted:
    """A line that may be asked now; `room` is how many like it may be at once."""

    asking: Asking
    room: int


def admit(caller: Caller, line: Line, endpoint: str) -> Admitted:
    """What a line asks, with the checks of the gateway; or a `DashboardError`."""
    if line.body.get("stream"):
        raise FieldUnfit(param="stream", detail="a batch streams nothing")
    asking = let_through(caller, ASKED[endpoint], line.body, Origin.BATCH)
    found = asking.admission.found if asking.admission else []
    room = sum(each.room for each in askable(found))
    return Admitted(asking, max(1, min(room, MOST_AT_ONCE, _left_to(caller))))


def rest_after(failure: DashboardError) -> float | None:
    """Seconds until the very same is worth asking again, however often it failed; None
    where that is not sure."""
    if isinstance(failure, GaveWay):
        return 0
    if told := failure.facts.get("retry_after"):
        return float(told)
    if isinstance(failure, BackendUnreachable | ServersDraining):
        return AWAY
    return SOON if isinstance(failure, BackendBusy | DatabaseAway) else None


async def answered(line: Line, asking: Asking) -> dict[str, Any]:
    """The answer of a server as a line of the output; or a `DashboardError`."""
    content, ticket = b"", ""
    async with aclosing(asking.steps()) as steps:
        async for step in steps:
            if isinstance(step, Piece):
                content = step.content
            elif isinstance(step, Done):
                ticket = step.ticket
    return _response(line, 200, _on_one_line(content), ticket)


def refused(line: Line, failure: DashboardError) -> dict[str, Any]:
    """A line that was asked and got an error, as the gateway would have told it."""
    return _response(line, status_of(failure), as_openai(failure), "")


def unasked(line: Line, failure: DashboardError) -> dict[str, Any]:
    """A line that never was asked."""
    error = {"code": failure.code, "message": str(failure)}
    return {"custom_id": line.custom_id, "response": None, "error": error}


def _response(line: Line, status: int, body: Any, ticket: str) -> dict[str, Any]:
    response = {"status_code": status, "request_id": ticket, "body": body}
    return {"custom_id": line.custom_id, "response": response, "error": None}


def _on_one_line(content: bytes) -> Any:
    """As the server sent it, unless it has line breaks."""
    if b"\n" in content or b"\r" in content:
        return msgspec.json.decode(content)
    return msgspec.Raw(content)


def _left_to(caller: Caller) -> int:
    """As many as leave the person one of the replies that they may have at once."""
    most = quota_of(caller.person).at_once
    return MOST_AT_ONCE if most is None else most - 1
