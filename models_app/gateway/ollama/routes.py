"""Ollama's addresses."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from models_app.adapters.base import Form
from models_app.gateway.addresses import answering, as_json
from models_app.gateway.answers import Answer
from models_app.gateway.asking import Asked
from models_app.gateway.callers import Caller
from models_app.gateway.ollama import managing
from models_app.gateway.ollama.asking import form_of
from models_app.gateway.ollama.asks import chat_ask, generate_ask
from models_app.gateway.ollama.embeds import embed_ask, old_embed_ask
from models_app.gateway.ollama.fields import name_in
from models_app.gateway.ollama.listing import (
    loaded_for,
    shown_for,
    tags_for,
    version_for,
)
from models_app.gateway.ollama.pulling import pull_steps, pull_whole
from models_app.gateway.ollama.refusals import OllamaRefusal, broken_line
from models_app.gateway.visits import let_in, sent, visited

GREETING: Final = "Ollama is running"
Called = Callable[[Request], Awaitable[ASGIApp]]


async def greet(request: Request) -> Response:
    """What programs look for before anything else; it says nothing of the house."""
    await let_in(request)
    return PlainTextResponse(GREETING)


def telling(work: Callable[[Caller], Mapping[str, Any]]) -> Called:
    """An address that tells what there is."""

    async def tell(request: Request) -> Response:
        return as_json(await visited(request, work))

    return tell


async def show(request: Request) -> Response:
    body = await sent(request)
    return as_json(await visited(request, _shown, body))


def pulling(begin: Callable[[Caller, Mapping[str, Any]], managing.Started]) -> Called:
    """An address that has something brought to a server, and tells how far it is."""

    async def pull(request: Request) -> Answer:
        body = await sent(request)
        caller = await let_in(request)
        started = await visited(request, begin, body)
        form = form_of(body)
        told = pull_whole if form is Form.WHOLE else pull_steps
        return Answer(
            told(started.pull, started.server),
            form=form,
            broken=broken_line,
            refused=OllamaRefusal,
            key=caller.key,
        )

    return pull


def ordering(begin: Callable[[Caller, Mapping[str, Any]], list[int]]) -> Called:
    """An address that answers, with nothing, when something is done."""

    async def order(request: Request) -> Response:
        body = await sent(request)
        await managing.ended(await visited(request, begin, body))
        return Response()

    return order


def _shown(caller: Caller, body: Mapping[str, Any]) -> Mapping[str, Any]:
    return shown_for(caller, name_in(body))


def _answering(asked: Asked) -> Called:
    return answering(asked, broken=broken_line, refused=OllamaRefusal)


POST: Final = ("POST",)
ROUTES: Final = (
    Route("/version", telling(version_for)),
    Route("/tags", telling(tags_for)),
    Route("/ps", telling(loaded_for)),
    Route("/show", show, methods=POST),
    Route("/chat", _answering(chat_ask), methods=POST),
    Route("/generate", _answering(generate_ask), methods=POST),
    Route("/embed", _answering(embed_ask), methods=POST),
    Route("/embeddings", _answering(old_embed_ask), methods=POST),
    Route("/pull", pulling(managing.begin_pull), methods=POST),
    Route("/create", pulling(managing.begin_creation), methods=POST),
    Route("/copy", ordering(managing.begin_copy), methods=POST),
    Route("/delete", ordering(managing.begin_delete), methods=["DELETE"]),
)
