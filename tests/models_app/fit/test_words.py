"""Estimates in sentences."""

from dataclasses import replace

import pytest

from models_app.fit.advice import Remedy, advice
from models_app.fit.calibration import Calibration, measurement_of
from models_app.fit.estimate import Verdict, fit
from models_app.fit.load import Engine, Load
from models_app.fit.machine import Machine, apple_card
from models_app.fit.shape import Missing
from models_app.fit.sizes import GIB
from models_app.fit.words import (
    INPUTS,
    NOTES,
    VERDICTS,
    advice_told,
    notes_told,
    source_told,
    sureness_told,
    verdict_told,
    window_told,
)
from tests.models_app.fit.made import LLAMA_8B, load, machine


def test_a_verdict_tells_its_numbers() -> None:
    told = verdict_told(fit(LLAMA_8B, load(), machine(24)))

    assert told == (
        "It fits: with a window of 8,192 tokens it needs 6.7 GB of 25.2 GB."
    )


def test_a_partial_fit_tells_layers() -> None:
    told = verdict_told(fit(LLAMA_8B, load(32768), machine(8)))

    assert told.startswith("Only 23 of 32 layers fit on the card; 2.6 GB")


def test_an_unknown_fit_tells_what_is_missing() -> None:
    shape = replace(LLAMA_8B, vocabulary=None)

    assert "how large its vocabulary is" in verdict_told(fit(shape, load(), machine(8)))


def test_vllm_without_a_card_is_told_so() -> None:
    wish = load(engine=Engine.VLLM)

    assert "vLLM does not run" in verdict_told(fit(LLAMA_8B, wish, machine(ram=64)))


def test_every_verdict_and_every_missing_input_has_words() -> None:
    assert set(VERDICTS) == set(Verdict) - {Verdict.UNKNOWN}
    assert set(INPUTS) | set(NOTES) == set(Missing)


def test_how_sure_it_is_is_told() -> None:
    answer = fit(LLAMA_8B, load(), machine(24))

    assert sureness_told(answer) == "Estimated; give or take 5%."


def test_what_was_measured_is_told_so() -> None:
    same = measurement_of(
        LLAMA_8B,
        load(),
        parts=fit(LLAMA_8B, load(), machine(24)).parts,
        measured=7 * GIB,
    )

    answer = fit(LLAMA_8B, load(), machine(24), Calibration.of([same]))

    assert sureness_told(answer).startswith("Measured")


def test_notes_tell_what_is_left_out_and_what_is_too_long() -> None:
    shape = replace(LLAMA_8B, noted=(Missing.STATE,), trained_context=4096)

    notes = notes_told(fit(shape, load(), machine(24)))

    assert len(notes) == 2
    assert "recurrent" in notes[0]
    assert "not trained" in notes[1]


def test_a_shorter_window_is_said_to_have_a_margin() -> None:
    given = advice(LLAMA_8B, load(65536), machine(10))

    (told,) = [
        advice_told(each) for each in given if each.remedy == Remedy.SHORTER_WINDOW
    ]
    assert "even if the estimate is 5% too low" in told


def test_the_largest_window_is_said_to_have_none() -> None:
    told = window_told(fit(LLAMA_8B, load(), machine(10)))

    assert "fits if the estimate is right" in told


@pytest.mark.parametrize(
    "wish", [load(32768), load(8192, engine=Engine.VLLM, quantization="F16")]
)
def test_every_advice_is_a_sentence_without_gaps(wish: Load) -> None:
    there = machine(16 if wish.engine == Engine.VLLM else 8.5, ram=64)

    given = advice(LLAMA_8B, wish, there)

    told = [advice_told(each) for each in given]
    assert len(told) >= 2
    assert all(each.endswith(".") and "%(" not in each for each in told)


def test_vllm_is_told_how_much_to_offload() -> None:
    wish = load(8192, engine=Engine.VLLM, quantization="F16")

    told = [advice_told(each) for each in advice(LLAMA_8B, wish, machine(16, ram=64))]

    assert any("--cpu-offload-gb 3" in each for each in told)


def test_the_share_of_an_apple_machine_has_its_source() -> None:
    there = Machine(cards=(apple_card("Apple", 64 * GIB),))

    assert "iogpu.wired_limit_mb" in source_told(there.cards[0])
