"""Files and batches in OpenAI's shape."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from dashboard.errors import error_class
from models_app.models import ApiFile, Batch

ENDED: Final[Mapping[str, str]] = {
    Batch.Status.DONE: "completed",
    Batch.Status.FAILED: "failed",
    Batch.Status.CANCELLED: "cancelled",
    Batch.Status.EXPIRED: "expired",
}
"""Statuses of ours, and what OpenAI calls them; its names plus `_at` are those of the
times."""


def file_shape(file: ApiFile) -> dict[str, Any]:
    return {
        "id": file.name,
        "object": "file",
        "bytes": file.size,
        "created_at": _unix(file.created_at),
        "filename": file.filename,
        "purpose": file.purpose,
        "status": "processed",
    }


def batch_shape(batch: Batch, there: frozenset[str]) -> dict[str, Any]:
    """A batch, of whose files `there` are those that can be had."""
    status = status_of(batch)
    times = dict.fromkeys(f"{each}_at" for each in (*ENDED.values(), "finalizing"))
    if not batch.is_open:
        times[f"{status}_at"] = _unix(batch.ended_at)
        times["finalizing_at"] = times["completed_at"]
    return {
        "id": batch.name,
        "object": "batch",
        "endpoint": batch.endpoint,
        "errors": _errors(batch),
        "input_file_id": batch.input_name,
        "completion_window": "24h",
        "status": status,
        "output_file_id": _if_there(batch.output_name, there),
        "error_file_id": _if_there(batch.errors_name, there),
        "created_at": _unix(batch.created_at),
        "in_progress_at": _unix(batch.started_at),
        "expires_at": _unix(batch.expires_at),
        **times,
        "cancelling_at": _unix(batch.stop_requested_at),
        "request_counts": {
            "total": batch.total or 0,
            "completed": batch.completed,
            "failed": batch.failed,
        },
        "metadata": batch.metadata,
        "model": batch.model or None,
    }


def status_of(batch: Batch) -> str:
    """As OpenAI names it; a file is looked at when its batch is begun."""
    if not batch.is_open:
        return ENDED[batch.status]
    if batch.stop_requested:
        return "cancelling"
    if batch.total is None:
        return "validating"
    return "finalizing" if batch.done == batch.total else "in_progress"


def page_shape(shapes: Sequence[dict[str, Any]], *, more: bool) -> dict[str, Any]:
    """Some of a list, which goes on where there are `more`."""
    return {
        "object": "list",
        "data": list(shapes),
        "first_id": shapes[0]["id"] if shapes else None,
        "last_id": shapes[-1]["id"] if shapes else None,
        "has_more": more,
    }


def _errors(batch: Batch) -> dict[str, Any] | None:
    """Why all of it failed."""
    if batch.is_open or not batch.error_code:
        return None
    said = error_class(batch.error_code)(**batch.error_facts)
    error = {"code": said.code, "message": str(said), "param": None, "line": None}
    return {"object": "list", "data": [error]}


def _if_there(name: str, there: frozenset[str]) -> str | None:
    return name if name in there else None


def _unix(at: datetime | None) -> int | None:
    return None if at is None else int(at.timestamp())
