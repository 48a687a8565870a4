"""What real loads teach."""

from dataclasses import replace
from typing import Any

import pytest

from models_app.fit.calibration import Calibration, Measurement, measurement_of
from models_app.fit.estimate import Source, fit
from models_app.fit.load import Cache, Engine
from tests.models_app.fit.made import LLAMA_8B, load, machine

GB = 10**9


def measured(**changes: Any) -> Measurement:
    plain = Measurement(
        engine=Engine.OLLAMA,
        architecture="llama",
        model="sha256:other",
        quantization="Q4_K_M",
        cache=Cache.F16,
        window=4096,
        slots=1,
        predicted=10 * GB,
        measured=11 * GB,
    )
    return replace(plain, **changes)


def test_the_middle_of_all_ratios_corrects() -> None:
    ratios = [11 * GB, 10 * GB, 12 * GB]
    calibration = Calibration.of(measured(measured=each) for each in ratios)

    assert calibration.factor(LLAMA_8B, load()) == pytest.approx(1.1)


@pytest.mark.parametrize(("real", "ratio"), [(1 * GB, 0.85), (99 * GB, 1.3)])
def test_a_ratio_stays_within_bounds(real: int, ratio: float) -> None:
    assert measured(measured=real).ratio == ratio


@pytest.mark.parametrize(
    "changes",
    [
        {"engine": Engine.LLAMACPP},
        {"architecture": "qwen2"},
        {"cache": Cache.Q8_0},
    ],
)
def test_other_engines_architectures_and_caches_teach_nothing(
    changes: dict[str, Any],
) -> None:
    calibration = Calibration.of([measured(**changes)])

    assert calibration.factor(LLAMA_8B, load()) is None


@pytest.mark.parametrize(
    "changes", [{"measured": 0}, {"predicted": 0}, {"engine": Engine.VLLM}]
)
def test_a_measurement_that_says_nothing_is_left_out(changes: dict[str, Any]) -> None:
    assert Calibration.of([measured(**changes)]).measurements == ()


def test_a_correction_moves_the_sum_and_says_so() -> None:
    plain = fit(LLAMA_8B, load(), machine(24))

    answer = fit(LLAMA_8B, load(), machine(24), Calibration.of([measured()]))

    assert answer.need == pytest.approx((plain.need or 0) * 1.1, abs=1)
    assert answer.factor == pytest.approx(1.1)
    assert answer.source == Source.CALIBRATED
    assert answer.error < plain.error


def test_a_correction_shortens_the_largest_window() -> None:
    plain = fit(LLAMA_8B, load(), machine(12)).largest_window or 0
    answer = fit(LLAMA_8B, load(), machine(12), Calibration.of([measured()]))

    assert 0 < (answer.largest_window or 0) < plain


def test_the_same_model_and_window_is_what_was_measured() -> None:
    same = measured(model="sha256:1", window=8192, measured=7 * GB)
    older = replace(same, measured=9 * GB)

    answer = fit(LLAMA_8B, load(), machine(24), Calibration.of([older, same]))

    assert answer.need == pytest.approx(7 * GB, abs=1)
    assert answer.source == Source.MEASURED


def test_a_load_and_what_it_took_make_a_measurement() -> None:
    total = fit(LLAMA_8B, load(), machine(24)).parts.total or 0
    made = measurement_of(LLAMA_8B, load(), predicted=total, measured=7 * GB)

    answer = fit(LLAMA_8B, load(), machine(24), Calibration.of([made]))

    assert made.ratio == pytest.approx(7 * GB / total)
    assert answer.source == Source.MEASURED


@pytest.mark.parametrize(
    "changes",
    [{"window": 4096}, {"slots": 2}, {"quantization": "Q8_0"}, {"model": ""}],
)
def test_another_load_of_the_same_model_is_only_corrected(
    changes: dict[str, Any],
) -> None:
    other = measured(**{"model": "sha256:1", "window": 8192, **changes})

    answer = fit(LLAMA_8B, load(), machine(24), Calibration.of([other]))

    assert answer.source == Source.CALIBRATED


def test_a_tiny_model_teaches_nothing_of_large_ones() -> None:
    tiny = measurement_of(LLAMA_8B, load(), predicted=GB // 5, measured=GB // 6)

    assert Calibration.of([tiny]).factor(LLAMA_8B, load(4096)) is None
    assert Calibration.of([tiny]).measured(LLAMA_8B, load()) == GB // 6
