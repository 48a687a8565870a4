"""Reading how far a llama.cpp router is with the loading of a model. Pure: no I/O."""

from collections.abc import Iterator
from typing import Any

from models_app.adapters.amounts import decimal
from models_app.adapters.base import Loading
from models_app.adapters.lines import Events, parsed
from models_app.adapters.llamacpp_download import LOADING
from models_app.adapters.shapes import object_at

NEWS = ("model_status", "status_change")


class LoadReader:
    """The events about one load, among those about all models."""

    def __init__(self, name: str) -> None:
        self.finished = False
        self._name = name
        self._events = Events()

    def feed(self, piece: bytes) -> Iterator[Loading]:
        for event in self._events.feed(piece) if piece else self._events.rest():
            if not self.finished:
                yield from self._steps(parsed(event))
        self.finished |= not piece

    def _steps(self, event: dict[str, Any]) -> list[Loading]:
        if event.get("model") != self._name or event.get("event") not in NEWS:
            return []
        told = object_at(event, "data")
        self.finished = told.get("status") != LOADING
        return [] if self.finished else [Loading(share=share_in(told))]


def share_in(status: dict[str, Any]) -> float | None:
    """All stages count alike: which of them is long is told by nobody."""
    progress = object_at(status, "progress")
    value = decimal(progress.get("value"))
    stages, current = progress.get("stages"), progress.get("current")
    if value is None:
        return None
    share = min(max(value, 0.0), 1.0)
    if isinstance(stages, list) and current in stages:
        return (stages.index(current) + share) / len(stages)
    return share
