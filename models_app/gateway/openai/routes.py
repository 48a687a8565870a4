"""OpenAI's addresses."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from models_app.gateway.addresses import answering, as_json
from models_app.gateway.openai.asks import (
    chat_ask,
    completion_ask,
    embedding_ask,
    response_ask,
)
from models_app.gateway.openai.batches import ROUTES as BATCHES
from models_app.gateway.openai.files import ROUTES as FILES
from models_app.gateway.openai.listing import model_for, models_for
from models_app.gateway.visits import visited


async def list_models(request: Request) -> Response:
    return as_json(await visited(request, models_for))


async def one_model(request: Request) -> Response:
    return as_json(await visited(request, model_for, request.path_params["name"]))


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
