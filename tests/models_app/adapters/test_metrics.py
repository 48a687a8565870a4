"""Gauges out of what servers tell of themselves."""

import pytest

from models_app.adapters.base import Workload
from models_app.adapters.lines import Garbled
from models_app.adapters.metrics import workload_in


def read(metrics: str) -> Workload:
    return workload_in(metrics, running="v:running", waiting="v:waiting")


def test_all_engines_of_a_server_are_summed() -> None:
    told = (
        'v:running{engine="0"} 3.0\nv:running{engine="1"} 2.0\n'
        'v:waiting{engine="0"} 1.0\nv:waiting{engine="1"} 1e+00\n'
    )

    assert read(told) == Workload(running=5, waiting=2)


def test_gauges_of_similar_names_are_not_summed_in() -> None:
    told = 'v:waiting 4.0\nv:waiting_by_reason{reason="capacity"} 4.0\nv:running 1\n'

    assert read(told) == Workload(running=1, waiting=4)


@pytest.mark.parametrize("value", ["NaN", "+Inf", "-Inf"])
def test_what_is_no_number_counts_nothing(value: str) -> None:
    told = f'v:running{{engine="0"}} {value}\nv:running{{engine="1"}} 2.0\n'

    assert read(told) == Workload(running=2)
    assert read(f"v:running {value}\n") == Workload()


@pytest.mark.parametrize("told", ["", "# nothing\n", "v:other 7\n"])
def test_a_gauge_that_is_missing_is_unknown(told: str) -> None:
    assert read(told) == Workload()


@pytest.mark.parametrize("told", ["<html>Hello</html>", "{", "v:running many\n"])
def test_what_is_no_list_of_gauges_is_garbled(told: str) -> None:
    with pytest.raises(Garbled, match="metrics cannot be read"):
        read(told)
