"""The gateway as one ASGI application beside Django: no cookies, no pages, JSON alone."""

import logging
import re
from typing import Final

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route

from dashboard.errors import DashboardError, MethodRefused, NoSuchRoute
from models_app.gateway.ollama.refusals import OllamaRefusal
from models_app.gateway.ollama.routes import ROUTES as OLLAMA
from models_app.gateway.ollama.routes import greet
from models_app.gateway.openai.routes import ROUTES as OPENAI
from models_app.gateway.refusals import Refusal
from models_app.gateway.visits import Visits

log = logging.getLogger(__name__)

PREFIXES: Final = ("/v1/", "/api/", "/key/")
"""What begins so is the gateway's; a key may stand in the address, for programs that can
send none in a header."""
IN_ADDRESS: Final = "/key/{secret}"
IN_OLLAMAS: Final = re.compile(r"(/key/[^/]*)?/api(/|$)")


async def refuse(request: Request, failure: Exception) -> Response:
    """A failure of ours, in the dialect of whoever asked."""
    if isinstance(failure, HTTPException):
        failure = _without_route(request, failure)
    if not isinstance(failure, DashboardError):
        log.error("A call of the gateway failed.", exc_info=failure)
        failure = DashboardError()
    ollamas = IN_OLLAMAS.match(request.url.path)
    return OllamaRefusal(failure) if ollamas else Refusal(failure)


def _without_route(request: Request, failure: HTTPException) -> DashboardError:
    asked = {"method": request.method, "path": request.url.path}
    return (
        MethodRefused(**asked) if failure.status_code == 405 else NoSuchRoute(**asked)
    )


application = Starlette(
    routes=[
        Mount("/v1", routes=OPENAI),
        Mount("/api", routes=OLLAMA),
        Mount(f"{IN_ADDRESS}/v1", routes=OPENAI),
        Mount(f"{IN_ADDRESS}/api", routes=OLLAMA),
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
