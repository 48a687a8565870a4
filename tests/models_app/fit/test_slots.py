"""For how many replies at once a load seems to be made."""

from dataclasses import replace

import pytest

from models_app.fit.load import Load
from models_app.fit.placement import placed
from models_app.fit.slots import seeming_slots
from tests.models_app.fit.made import LLAMA_8B, load, machine

CARD = machine(1000)


def taken(given: Load) -> int:
    total = placed(LLAMA_8B, given, CARD).counted.parts.total
    assert total
    return total


@pytest.mark.parametrize("slots", [2, 3, 4, 8])
@pytest.mark.parametrize("off", [0.985, 1.0, 1.015])
def test_a_load_as_large_as_several_slots_seems_to_have_them(
    slots: int, off: float
) -> None:
    measured = round(taken(load(slots=slots)) * off)

    assert seeming_slots(LLAMA_8B, load(), CARD, measured) == slots


@pytest.mark.parametrize("off", [0.8, 0.95, 1.0, 1.05, 1.08])
def test_a_load_within_the_error_of_an_estimate_has_one(off: float) -> None:
    measured = round(taken(load()) * off)

    assert seeming_slots(LLAMA_8B, load(), CARD, measured) is None


@pytest.mark.parametrize("between", [1.5, 2.5])
def test_what_no_number_of_slots_explains_is_no_suspicion(between: float) -> None:
    long, one = load(65536), taken(load(65536))
    slot = taken(load(65536, slots=2)) - one

    measured = round(one + slot * (between - 1))

    assert seeming_slots(LLAMA_8B, long, CARD, measured) is None


def test_a_load_larger_than_eight_slots_is_no_suspicion() -> None:
    measured = taken(load(slots=12))

    assert seeming_slots(LLAMA_8B, load(), CARD, measured) is None


def test_what_is_mostly_buffers_tells_of_no_slots() -> None:
    tiny = replace(LLAMA_8B, layers=2, weights={"Q4_K_M": 1_000_000}, vocabulary=1000)
    measured = placed(tiny, load(slots=2), CARD).counted.parts.total

    assert measured
    assert seeming_slots(tiny, load(), CARD, measured) is None
