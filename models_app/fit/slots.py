"""For how many replies at once a load seems to be made, by the memory that it took."""

from dataclasses import replace
from typing import Final

from models_app.fit.calibration import TELLING
from models_app.fit.load import Load
from models_app.fit.machine import Machine
from models_app.fit.placement import placed
from models_app.fit.shape import Shape

FAR: Final = 0.08
"""What an estimate may be wrong by; what a load took beyond it has a reason."""
NEAR: Final = 0.02
MOST: Final = 8
"""With more slots than that, some number of them would explain any amount."""


def seeming_slots(
    shape: Shape, load: Load, machine: Machine, measured: int
) -> int | None:
    """How many slots explain a load that took much more than predicted; None where one
    does, or no number of them.

    It is a suspicion and no finding: an estimate may be wrong by as much.
    """
    sums = {n: _sum(shape, replace(load, slots=n), machine) for n in range(1, MOST + 1)}
    if sums[1] < TELLING or measured <= sums[1] * (1 + FAR):
        return None
    nearest = min(sums, key=lambda n: abs(measured / sums[n] - 1))
    return nearest if abs(measured / sums[nearest] - 1) <= NEAR else None


def _sum(shape: Shape, load: Load, machine: Machine) -> int:
    return placed(shape, load, machine).counted.parts.total or 0
