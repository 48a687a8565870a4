"""The MIG instances of a card: each has memory and processes, and none an activity."""

from dataclasses import dataclass, field
from typing import Any

import pynvml as nvml

from models_app.gpu.nvml.calls import memory_of
from models_app.gpu.nvml.driver import text_of
from models_app.gpu.nvml.failures import CannotAnswer, Passing, nvml_errors
from models_app.gpu.nvml.holders import Holder, Holders
from models_app.gpu.samples import Part
from models_app.gpu.words import clean_identifier


@dataclass(slots=True)
class PartReader:
    """One instance, read by a handle of its own."""

    handle: Any
    uuid: str
    name: str
    holders: Holders = field(default_factory=Holders)

    def read(self) -> Part:
        used = total = None
        try:
            with nvml_errors():
                used, total = memory_of(self.handle)
        except (CannotAnswer, Passing):
            pass
        return Part(self.uuid, self.name, used, total)

    def held(self, now: float) -> tuple[Holder, ...]:
        return self.holders.look(self.handle, now)


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
                uuid = text_of(nvml.nvmlDeviceGetUUID, handle)
        except (CannotAnswer, Passing):
            continue
        name = text_of(nvml.nvmlDeviceGetName, handle)
        found.append(PartReader(handle, clean_identifier(uuid), name))
    return found
