"""A number of a page: how it is written, or why it lacks."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

from dashboard.status.amounts import WRITTEN
from dashboard.status.words import reason_text
from models_app.gpu.metrics import HostMetric, Metric, Reason

M = TypeVar("M", Metric, HostMetric)

MISSING = "–"


@dataclass(frozen=True, slots=True)
class Cell:
    """`name` is that of the number in events; `lack` is the sentence for a missing one."""

    name: str
    value: float | None
    text: str
    lack: str = ""


def cell(name: str, value: float | None, lack: str = "") -> Cell:
    if value is None:
        return Cell(name, None, MISSING, lack)
    return Cell(name, value, WRITTEN[name](value))


def cell_of(name: M, values: Mapping[M, float], reasons: Mapping[M, Reason]) -> Cell:
    """A number of a card or a host."""
    value = values.get(name)
    return cell(
        name, value, "" if value is not None else reason_text(reasons.get(name))
    )
