"""Reading how far a llama.cpp router is with a download. Pure: bytes or JSON in, steps out."""

from collections.abc import Iterator
from typing import Any

from dashboard.errors import gettext_noop
from models_app.adapters.amounts import whole
from models_app.adapters.base import PullStep
from models_app.adapters.lines import Events, Garbled, parsed, storable
from models_app.adapters.pull_failures import PullFailed
from models_app.adapters.shapes import object_at

DOWNLOADING = "downloading"
LOADING = "loading"
NO_REASON = gettext_noop(
    "it gives no reason; look at what that server writes to its log"
)
STOPPED = gettext_noop("somebody has stopped it, or removed the model")


def status_of(entry: dict[str, Any]) -> str:
    """Of a router's model; "" at a server of one model."""
    return str(object_at(entry, "status").get("value") or "")


def is_same(asked: str, told: str) -> bool:
    """Whether a model is the one asked for, whose quantization the server may choose."""
    return told == asked or (":" not in asked and told.startswith(f"{asked}:"))


def steps_in(progress: dict[str, Any]) -> list[PullStep]:
    """One for each file, which goes by its address."""
    files = ((url, object_at(progress, url)) for url in progress)
    return [
        PullStep(
            DOWNLOADING,
            layer=storable(url),
            total=whole(told.get("total")),
            completed=whole(told.get("done")),
        )
        for url, told in files
        if told
    ]


class EventReader:
    """The events about one download, among those about all models."""

    def __init__(self, name: str) -> None:
        self.finished = False
        self._name = name
        self._begun = False
        self._events = Events()

    def feed(self, piece: bytes) -> Iterator[PullStep]:
        for event in self._events.feed(piece) if piece else self._events.rest():
            if not self.finished:
                yield from self._steps(parsed(event))
        if not piece and not self.finished:
            raise Garbled("the stream ended early")

    def _steps(self, event: dict[str, Any]) -> list[PullStep]:
        if not is_same(self._name, str(event.get("model"))):
            return []
        told = object_at(event, "data")
        match event.get("event"):
            case "download_progress":
                self._begun = True
                return steps_in(told)
            case "download_failed":
                raise PullFailed(NO_REASON)
            case "model_remove":
                raise PullFailed(STOPPED)
            case "download_finished":
                self.finished = True
            case "model_status" | "status_change":
                self._heed(told.get("status"))
        return [PullStep("downloaded")] if self.finished else []

    def _heed(self, status: object) -> None:
        """Some builds tell only so that it is no longer downloading."""
        self.finished = self._begun and bool(status) and status != DOWNLOADING
        self._begun = self._begun or status == DOWNLOADING
