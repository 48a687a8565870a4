"""OpenAI's addresses."""

from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from models_app.gateway.answers import Answer
from models_app.gateway.callers import Caller, count_request
from models_app.gateway.openai.asks import (
    Asked,
    Body,
    chat_ask,
    completion_ask,
    embedding_ask,
    form_of,
    response_ask,
)
from models_app.gateway.openai.batches import ROUTES as BATCHES
from models_app.gateway.openai.files import ROUTES as FILES
from models_app.gateway.openai.listing import model_for, models_for
from models_app.gateway.requests import JSON, UNKEPT
from models_app.gateway.visits import sent, visited
from models_app.serving.admission import Admission, admitted
from models_app.serving.ask import Ask
from models_app.serving.serve import serve


async def list_models(request: Request) -> Response:
    return _json(await visited(request, models_for))


async def one_model(request: Request) -> Response:
    return _json(await visited(request, model_for, request.path_params["name"]))


def answering(asked: Asked) -> Callable[[Request], Awaitable[Answer]]:
    """An address that answers what a body asks."""

    async def answer(request: Request) -> Answer:
        body = await sent(request)
        ask, admission = await visited(request, let_through, asked, body)
        return Answer(serve(ask, admission), form=form_of(body), key=ask.key)

    return answer


def let_through(caller: Caller, asked: Asked, body: Body) -> tuple[Ask, Admission]:
    """What is asked, and who may answer: in one go, for each costs a turn of a thread."""
    ask = asked(caller, body)
    count_request(caller)
    return ask, admitted(ask)


def _json(told: dict[str, Any]) -> Response:
    return Response(msgspec.json.encode(told), media_type=JSON, headers=UNKEPT)


ROUTES = (
    Route("/models", list_models),
    Route("/models/{name:path}", one_model),
    Route("/chat/completions", answering(chat_ask), methods=["POST"]),
    Route("/completions", answering(completion_ask), methods=["POST"]),
    Route("/responses", answering(response_ask), methods=["POST"]),
    Route("/embeddings", answering(embedding_ask), methods=["POST"]),
    *FILES,
    *BATCHES,
)
