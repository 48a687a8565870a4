"""The page of one's own batches: made of a file, watched, cancelled, and fetched."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from dashboard.errors import DashboardError, NotFound
from dashboard.people.models import User
from dashboard.requests import person_of
from models_app.batch_forms import BatchForm
from models_app.batches.lines import MOST_LINES, contents_of
from models_app.batches.places import MEGABYTE, path_of, remove, write_chunks
from models_app.batches.queries import (
    batch_of,
    batches_of,
    file_of,
    files_there,
    lone_files_of,
    size_of_files,
)
from models_app.batches.words import row_of
from models_app.models import Batch
from models_app.responses import UNFIT
from models_app.services.api_files import delete_file
from models_app.services.batches import delete_batch, request_cancel, start_batch_of

SHOWN: Final = 100
PIECE: Final = 1 << 18


@require_http_methods(["GET", "POST"])
@never_cache
def batches(request: HttpRequest) -> HttpResponse:
    """One's batches and files, or the lists of them alone; a POST makes a batch of a file."""
    person = person_of(request)
    if request.GET.get("fragment"):
        return render(request, "models_app/_batches.html", _lists(person))
    sent = request.method == "POST"
    form = BatchForm(request.POST, request.FILES) if sent else BatchForm()
    if sent and form.is_valid() and _started(person, form):
        messages.success(request, _("The batch waits for its turn."))
        return redirect("batches")
    status = UNFIT if sent else 200
    return render(
        request, "models_app/batches.html", _page(person, form), status=status
    )


@require_POST
def cancel(request: HttpRequest, name: str) -> HttpResponse:
    """Cancel one of one's own batches."""
    request_cancel(person_of(request), name)
    said = _("The batch is cancelled. What was answered until now is kept.")
    messages.success(request, said)
    return redirect("batches")


@require_POST
def delete(request: HttpRequest, name: str) -> HttpResponse:
    """Delete one of one's own batches with its files."""
    delete_batch(person_of(request), name)
    messages.success(request, _("The batch and its files are deleted."))
    return redirect("batches")


@require_POST
def delete_lone_file(request: HttpRequest, name: str) -> HttpResponse:
    """Delete one of one's own files, as programs leave them."""
    delete_file(person_of(request), name)
    messages.success(request, _("The file is deleted."))
    return redirect("batches")


@require_GET
@never_cache
def answers(request: HttpRequest, name: str) -> HttpResponseBase:
    person = person_of(request)
    return _download(person, batch_of(person, name).output_name)


@require_GET
@never_cache
def errors(request: HttpRequest, name: str) -> HttpResponseBase:
    person = person_of(request)
    return _download(person, batch_of(person, name).errors_name)


def _page(person: User, form: BatchForm) -> dict[str, Any]:
    return {
        "part": "keys",
        "form": form,
        "most_lines": MOST_LINES,
        "most_megabytes": settings.BATCH_MB,
        **_lists(person),
    }


def _lists(person: User) -> dict[str, Any]:
    shown = list(batches_of(person)[:SHOWN])
    there = files_there(shown)
    return {
        "rows": [row_of(each, there) for each in shown],
        "files": lone_files_of(person)[:SHOWN],
        "used": size_of_files(person),
        "room": settings.FILES_MB * MEGABYTE,
    }


def _started(person: User, form: BatchForm) -> Batch | None:
    """The new batch, or None with the reason in the form."""
    file, endpoint = form.cleaned_data["file"], form.cleaned_data["endpoint"]
    name = ""
    try:
        name, size = write_chunks(file.chunks())
        with path_of(name).open("rb") as lines:
            contents_of(lines)
        said = {"filename": file.name, "size": size, "endpoint": endpoint}
        return start_batch_of(person, name, **said)
    except DashboardError as failure:
        form.tell(failure)
        remove([name] if name else [])
        return None


def _download(person: User, name: str) -> HttpResponseBase:
    """A file of the person's, piece by piece: it may be larger than the memory."""
    file = file_of(person, name)
    path = path_of(name)
    if not path.is_file():
        raise NotFound
    disposition = content_disposition_header(as_attachment=True, filename=file.filename)
    headers = {
        "Content-Disposition": str(disposition),
        "Content-Length": str(file.size),
    }
    return StreamingHttpResponse(
        _pieces(path), content_type="application/jsonl", headers=headers
    )


async def _pieces(path: Path) -> AsyncIterator[bytes]:
    with path.open("rb") as file:
        while piece := await asyncio.to_thread(file.read, PIECE):
            yield piece
