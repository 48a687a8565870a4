"""One call of a program: whose key it has, and whether its page may read the answer."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Concatenate, Final, ParamSpec, TypeVar

from django.conf import settings
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dashboard.live.db import in_db
from models_app.gateway.callers import (
    Caller,
    caller_of,
    check_secret,
    remembered,
)
from models_app.gateway.preflight import is_preflight, preflight
from models_app.gateway.requests import body_of, secret_in

P = ParamSpec("P")
T = TypeVar("T")

VISIT: Final = "paddock.visit"


@dataclass(slots=True)
class Visit:
    """`origin` is that of the page whose script calls, None where no browser does;
    `allowed` once the key is known to be for it."""

    origin: str | None
    allowed: bool = False

    @property
    def is_ours(self) -> bool:
        return self.origin is None or self.origin in settings.PAGE_ORIGINS


async def let_in(request: Request) -> Caller:
    """Who calls; `KeyMissing`, `KeyUnknown` or `OriginRefused`."""
    visit: Visit = request.scope[VISIT]
    secret = secret_in(request)
    check_secret(secret)
    caller = remembered(secret) or await in_db(caller_of)(secret)
    if not visit.is_ours:
        caller.check_origin(visit.origin or "")
        visit.allowed = True
    return caller


async def sent(request: Request) -> dict[str, Any]:
    """The JSON object that a caller sent; of strangers nothing is read."""
    await let_in(request)
    return await body_of(request)


async def visited(
    request: Request,
    work: Callable[Concatenate[Caller, P], T],
    *told: P.args,
    **named: P.kwargs,
) -> T:
    """What `work` makes of the caller and of what they told, in the database's thread.

    Raises what `let_in` raises, or `work`.
    """
    return await in_db(work)(await let_in(request), *told, **named)


class Visits:
    """Tells browsers which pages may read an answer: by default none but our own.

    What is no browser names no origin, and costs nothing here.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        visit = scope[VISIT] = Visit(_origin_in(scope))
        if visit.is_ours:
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        if is_preflight(scope["method"], headers):
            answer = await preflight(visit.origin or "", headers)
            await answer(scope, receive, send)
            return

        async def tell(message: Message) -> None:
            if visit.allowed and message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *readable_by(visit.origin)]
            await send(message)

        await self._app(scope, receive, tell)


def readable_by(origin: str | None) -> list[tuple[bytes, bytes]]:
    named = (origin or "").encode("latin-1", "replace")
    return [
        (b"access-control-allow-origin", named),
        (
            b"access-control-expose-headers",
            b"x-paddock-server, x-paddock-ticket, retry-after",
        ),
        (b"vary", b"origin"),
    ]


def _origin_in(scope: Scope) -> str | None:
    for name, value in scope["headers"]:
        if name == b"origin":
            return str(value.decode("latin-1"))
    return None
