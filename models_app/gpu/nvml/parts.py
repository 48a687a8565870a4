"""The MIG instances of a card: each has memory and processes, and none an activity."""

from dataclasses import dataclass, field
from typing import Any

import pynvml as nvml

from models_app.gpu.nvml.calls import memory_of
from models_app.gpu.nvml.driver import as_text, text_of
from models_app.gpu.nvml.failures import (
    CannotAnswer,
    CardLost,
    Passing,
    nvml_errors,
)
from models_app.gpu.nvml.holders import Holder, Holders
from models_app.gpu.samples import Part
from models_app.gpu.words import clean_identifier


@dataclass(slots=True)
class PartReader:
    """One instance, read by a handle of its own, until an administrator destroys it.

    Its card has answered a moment ago: an instance that is `gone` is no loss of the card.
    """

    handle: Any
    uuid: str
    name: str
    holders: Holders = field(default_factory=Holders)
    gone: bool = False

    def read(self) -> Part:
        used = total = None
        try:
            with nvml_errors():
                used, total = memory_of(self.handle)
        except (CannotAnswer, Passing):
            pass
        except CardLost:
            self.gone = True
        return Part(self.uuid, self.name, used, total)

    def held(self, now: float) -> tuple[Holder, ...]:
        try:
            return self.holders.look(self.handle, now)
        except CardLost:
            self.gone = True
            return ()


def is_cut(card: Any) -> bool:
    """Whether the card is cut into instances at this moment."""
    try:
        with nvml_errors():
            current, _ = nvml.nvmlDeviceGetMigMode(card)
    except (CannotAnswer, Passing):
        return False
    return bool(current)


def parts_of(card: Any) -> list[PartReader]:
    """Its instances; a place that none takes answers that it was not found."""
    with nvml_errors():
        places = nvml.nvmlDeviceGetMaxMigDeviceCount(card)
    found = []
    for place in range(places):
        try:
            with nvml_errors():
                handle = nvml.nvmlDeviceGetMigDeviceHandleByIndex(card, place)
                uuid = clean_identifier(as_text(nvml.nvmlDeviceGetUUID(handle)))
        except (CannotAnswer, CardLost, Passing):
            continue
        name = text_of(nvml.nvmlDeviceGetName, handle)
        found.append(PartReader(handle, uuid, name))
    return found
