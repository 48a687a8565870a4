"""`/v1/batches`: many asks of one file, answered when nobody else wants the servers."""

from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from dashboard.errors import FieldUnfit
from models_app.batches.lines import ENDPOINTS
from models_app.batches.queries import batch_of, batches_of, files_there
from models_app.gateway.callers import Caller
from models_app.gateway.openai.files import json
from models_app.gateway.openai.paging import Wanted, paged, wanted_in
from models_app.gateway.openai.shapes import batch_shape, page_shape
from models_app.gateway.visits import sent, visited
from models_app.models import Batch
from models_app.services.batches import request_cancel, start_batch

MOST_METADATA: Final = 16
LONGEST_NAME, LONGEST_VALUE = 64, 512
WINDOW: Final = "it must be “24h”"
NO_FILE: Final = "it must be the id of a file"
NO_PAIRS: Final = (
    "it must be an object of at most 16 names of 64 characters, each with a text of 512"
)


async def create(request: Request) -> Response:
    body = await sent(request)
    return json(await visited(request, _created, body))


async def list_batches(request: Request) -> Response:
    return json(await visited(request, _listed, wanted_in(request)))


async def one_batch(request: Request) -> Response:
    return json(await visited(request, _one, request.path_params["name"]))


async def cancel(request: Request) -> Response:
    return json(await visited(request, _cancelled, request.path_params["name"]))


def _created(caller: Caller, body: dict[str, Any]) -> dict[str, Any]:
    name, endpoint = body.get("input_file_id"), body.get("endpoint")
    if not isinstance(name, str) or not name:
        raise FieldUnfit(param="input_file_id", detail=NO_FILE)
    if endpoint not in ENDPOINTS:
        detail = f"it must be one of {', '.join(ENDPOINTS)}"
        raise FieldUnfit(param="endpoint", detail=detail)
    if body.get("completion_window") != "24h":
        raise FieldUnfit(param="completion_window", detail=WINDOW)
    batch = start_batch(
        caller.person,
        name,
        endpoint=endpoint,
        key=caller.key,
        metadata=_metadata(body.get("metadata")),
    )
    return _shape(batch)


def _listed(caller: Caller, wanted: Wanted) -> dict[str, Any]:
    after = batch_of(caller.person, wanted.after) if wanted.after else None
    found, more = paged(batches_of(caller.person), after, wanted.limit)
    there = files_there(found)
    return page_shape([batch_shape(each, there) for each in found], more=more)


def _one(caller: Caller, name: str) -> dict[str, Any]:
    return _shape(batch_of(caller.person, name))


def _cancelled(caller: Caller, name: str) -> dict[str, Any]:
    return _shape(request_cancel(caller.person, name))


def _shape(batch: Batch) -> dict[str, Any]:
    return batch_shape(batch, files_there([batch]))


def _metadata(told: Any) -> dict[str, str] | None:
    if told is None:
        return None
    if not isinstance(told, dict) or len(told) > MOST_METADATA:
        raise FieldUnfit(param="metadata", detail=NO_PAIRS)
    for name, value in told.items():
        fits = isinstance(value, str) and len(value) <= LONGEST_VALUE
        if not fits or len(name) > LONGEST_NAME:
            raise FieldUnfit(param="metadata", detail=NO_PAIRS)
    return told


ROUTES = (
    Route("/batches", list_batches),
    Route("/batches", create, methods=["POST"]),
    Route("/batches/{name}", one_batch),
    Route("/batches/{name}/cancel", cancel, methods=["POST"]),
)
