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
        weights=0,
        measured=11 * GB,
    )
    return replace(plain, **changes)


def test_the_middle_of_all_ratios_corrects() -> None:
    ratios = [11 * GB, 10 * GB, 12 * GB]
    calibration = Calibration.of(
        measured(measured=each, model=str(each)) for each in ratios
    )

    assert factor_of(calibration) == pytest.approx(1.1)


def factor_of(calibration: Calibration) -> float | None:
    found = calibration.correction(LLAMA_8B, load())
    return found.factor if found else None


def test_weights_are_not_part_of_the_ratio() -> None:
    assert measured(weights=8 * GB, measured=int(10.4 * GB)).ratio == 1.2
    assert measured(weights=None).ratio is None


def test_one_model_has_one_voice_however_often_it_was_loaded() -> None:
    often = [measured(measured=12 * GB, model="often", window=n) for n in range(1, 9)]
    others = [measured(measured=10 * GB, model=name) for name in ("b", "c")]

    assert factor_of(Calibration.of([*often, *others])) == pytest.approx(1.0)


def test_the_same_model_tells_more_than_all_others() -> None:
    own = measured(model="sha256:1", measured=12 * GB, window=256)
    others = [measured(measured=10 * GB, model=name) for name in ("b", "c", "d")]

    assert factor_of(Calibration.of([own, *others])) == pytest.approx(1.2)


@pytest.mark.parametrize(
    ("took", "error"), [([11], 0.05), ([11, 11, 11], 0.03), ([9, 11, 13], 0.05)]
)
def test_only_several_models_that_agree_make_an_estimate_surer(
    took: list[int], error: float
) -> None:
    others = [measured(model=str(n), measured=each * GB) for n, each in enumerate(took)]

    answer = fit(LLAMA_8B, load(), machine(24), Calibration.of(others))

    assert answer.error == error


def test_weights_are_never_corrected() -> None:
    less = Calibration.of([measured(measured=8 * GB)])
    plain = fit(LLAMA_8B, load(), machine(24))

    answer = fit(LLAMA_8B, load(), machine(24), less)

    assert answer.parts.weights == plain.parts.weights
    assert (answer.parts.rest or 0) == pytest.approx((plain.parts.rest or 0) * 0.85)


def test_a_load_that_took_less_than_its_file_was_not_told_whole() -> None:
    same = measured(model="sha256:1", window=8192, measured=GB)

    answer = fit(LLAMA_8B, load(), machine(24), Calibration.of([same]))

    assert answer.source == Source.CALIBRATED
    assert (answer.need or 0) > (answer.parts.weights or 0) > GB


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

    assert factor_of(calibration) is None


@pytest.mark.parametrize(
    "changes", [{"measured": 0}, {"predicted": 0}, {"engine": Engine.VLLM}]
)
def test_a_measurement_that_says_nothing_is_left_out(changes: dict[str, Any]) -> None:
    assert Calibration.of([measured(**changes)]).measurements == ()


def test_a_correction_moves_the_sum_and_says_so() -> None:
    plain = fit(LLAMA_8B, load(), machine(24))

    answer = fit(LLAMA_8B, load(), machine(24), Calibration.of([measured()]))

    weights = plain.parts.weights or 0
    assert answer.need == pytest.approx(weights + (plain.parts.rest or 0) * 1.1, abs=2)
    assert answer.source == Source.CALIBRATED


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
    parts = fit(LLAMA_8B, load(), machine(24)).parts
    made = measurement_of(LLAMA_8B, load(), parts=parts, measured=7 * GB)

    answer = fit(LLAMA_8B, load(), machine(24), Calibration.of([made]))

    assert (made.predicted, made.weights) == (parts.total, parts.weights)
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
    tiny = measured(model="sha256:1", window=8192, predicted=GB // 5, measured=GB // 6)

    assert factor_of(Calibration.of([tiny])) is None
    assert Calibration.of([tiny]).measured(LLAMA_8B, load()) == GB // 6
