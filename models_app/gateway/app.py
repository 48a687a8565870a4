"""The gateway as one ASGI application beside Django: no cookies, no pages, JSON alone."""

import re
from collections.abc import Sequence
from typing import Final

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route, Router

from dashboard.errors import DashboardError, GatewayFailed, MethodRefused, NoSuchRoute
from models_app.gateway.ollama.refusals import OllamaRefusal
from models_app.gateway.ollama.routes import ROUTES as OLLAMA
from models_app.gateway.ollama.routes import greet
from models_app.gateway.openai.routes import ROUTES as OPENAI
from models_app.gateway.refusals import Refusal
from models_app.gateway.visits import Visits

PREFIXES: Final = ("/v1/", "/api/", "/key/")
"""What begins so is the gateway's; a key may stand in the address, for programs that can
send none in a header."""
IN_ADDRESS: Final = "/key/{secret}"
KEY: Final = re.compile(r"^/key/[^/]*")
IN_OLLAMAS: Final = re.compile(r"(/key/[^/]*)?/api(/|$)")


async def refuse(request: Request, failure: Exception) -> Response:
    """A failure of ours, in the dialect of whoever asked."""
    if isinstance(failure, HTTPException):
        failure = _without_route(request, failure)
    if not isinstance(failure, DashboardError):
        failure = GatewayFailed()
    ollamas = IN_OLLAMAS.match(request.url.path)
    return OllamaRefusal(failure) if ollamas else Refusal(failure)


def _without_route(request: Request, failure: HTTPException) -> DashboardError:
    """Without the key that may stand in the address."""
    path = KEY.sub("", request.url.path)
    if failure.status_code != 405:
        return NoSuchRoute(method=request.method, path=path)
    allowed = (failure.headers or {}).get("Allow", "")
    return MethodRefused(method=request.method, path=path, allowed=allowed)


def _mounted(path: str, routes: Sequence[Route]) -> Mount:
    """Without redirects: they would tell an address, and the key in it, to another host."""
    return Mount(path, app=Router(routes, redirect_slashes=False))


application = Starlette(
    routes=[
        _mounted("/v1", OPENAI),
        _mounted("/api", OLLAMA),
        _mounted(f"{IN_ADDRESS}/v1", OPENAI),
        _mounted(f"{IN_ADDRESS}/api", OLLAMA),
        Route(f"{IN_ADDRESS}/", greet),
        Route(IN_ADDRESS, greet),
    ],
    middleware=[Middleware(Visits)],
    exception_handlers={
        DashboardError: refuse,
        HTTPException: refuse,
        Exception: refuse,
    },
)
application.router.redirect_slashes = False
