"""`/v1/files`: what programs leave for batches, and what came of these."""

from typing import Any, Final

import msgspec
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from dashboard.errors import FieldUnfit, FileUnknown
from dashboard.live.db import in_db
from models_app.batches.places import path_of, remove
from models_app.batches.queries import file_of, files_of
from models_app.gateway.callers import Caller
from models_app.gateway.openai.paging import Wanted, paged, wanted_in
from models_app.gateway.openai.shapes import file_shape, page_shape
from models_app.gateway.openai.uploads import Upload, upload_in
from models_app.gateway.requests import JSON
from models_app.gateway.visits import let_in, visited
from models_app.models import ApiFile
from models_app.services.api_files import add_file, check_room, delete_file

MOST: Final = 10_000
LINES: Final = "application/jsonl"
ONLY: Final = "only “batch” is there"


async def upload(request: Request) -> Response:
    """Of strangers nothing is read, nor of whoever has no room."""
    caller = await let_in(request)
    await in_db(check_room)(caller.person)
    sent = await upload_in(request)
    try:
        return json(await in_db(_added)(caller, sent))
    except Exception:
        remove([sent.name])
        raise


async def list_files(request: Request) -> Response:
    wanted = wanted_in(request, usual=MOST, most=MOST)
    purpose = request.query_params.get("purpose", "")
    return json(await visited(request, _listed, wanted, purpose))


async def one_file(request: Request) -> Response:
    return json(await visited(request, _one, request.path_params["name"]))


async def content(request: Request) -> Response:
    file = await visited(request, _there, request.path_params["name"])
    return FileResponse(path_of(file.name), media_type=LINES, filename=file.filename)


async def delete(request: Request) -> Response:
    name = request.path_params["name"]
    await visited(request, _delete, name)
    return json({"id": name, "object": "file", "deleted": True})


def json(told: dict[str, Any]) -> Response:
    return Response(msgspec.json.encode(told), media_type=JSON)


def _added(caller: Caller, sent: Upload) -> dict[str, Any]:
    if sent.fields.get("purpose") != ApiFile.Purpose.BATCH:
        raise FieldUnfit(param="purpose", detail=ONLY)
    person = caller.person
    file = add_file(person, sent.name, filename=sent.filename, size=sent.size)
    return file_shape(file)


def _listed(caller: Caller, wanted: Wanted, purpose: str) -> dict[str, Any]:
    rows = files_of(caller.person)
    if purpose:
        rows = rows.filter(purpose=purpose)
    after = file_of(caller.person, wanted.after) if wanted.after else None
    found, more = paged(rows, after, wanted.limit)
    return page_shape([file_shape(each) for each in found], more=more)


def _one(caller: Caller, name: str) -> dict[str, Any]:
    return file_shape(file_of(caller.person, name))


def _there(caller: Caller, name: str) -> ApiFile:
    file = file_of(caller.person, name)
    if not path_of(file.name).is_file():
        raise FileUnknown(name=file.name)
    return file


def _delete(caller: Caller, name: str) -> None:
    delete_file(caller.person, name)


ROUTES = (
    Route("/files", list_files),
    Route("/files", upload, methods=["POST"]),
    Route("/files/{name}", one_file),
    Route("/files/{name}", delete, methods=["DELETE"]),
    Route("/files/{name}/content", content),
)
