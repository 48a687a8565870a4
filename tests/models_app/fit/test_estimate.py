"""Whether a model fits a machine."""

from dataclasses import replace

import pytest

from models_app.fit.estimate import Source, Verdict, fit, largest_window
from models_app.fit.load import Cache, Engine, Load
from models_app.fit.machine import RESERVE, Card, Machine, apple_card
from models_app.fit.placement import utilization
from models_app.fit.shape import Missing, Shape
from models_app.fit.sizes import GIB, MIB
from tests.models_app.fit.made import LITE, LLAMA_8B, card, load, machine

LOADS = [
    load(),
    load(slots=4, cache=Cache.Q8_0),
    load(engine=Engine.LLAMACPP, flash_attention=False),
    load(engine=Engine.VLLM, quantization="AWQ"),
    load(engine=Engine.VLLM, quantization="FP8", cache=Cache.FP8, slots=2),
]
MACHINES = [
    machine(8),
    machine(24),
    machine(8, 12),
    machine(24, 24),
    machine(ram=16),
    machine(6, ram=64),
]


@pytest.mark.parametrize("wish", LOADS)
@pytest.mark.parametrize("there", MACHINES)
@pytest.mark.parametrize("shape", [LLAMA_8B, LITE], ids=["8b", "lite"])
def test_the_largest_window_fits_and_one_step_more_does_not(
    shape: Shape, wish: Load, there: Machine
) -> None:
    largest = largest_window(shape, wish, there)

    if wish.engine == Engine.VLLM and not there.cards:
        assert largest is None
        return
    assert largest is not None
    good = (Verdict.FITS, Verdict.TIGHT)
    if largest:
        assert fit(shape, replace(wish, window=largest), there).verdict in good
    if largest + 256 <= (shape.trained_context or 0):
        assert (
            fit(shape, replace(wish, window=largest + 256), there).verdict not in good
        )


@pytest.mark.parametrize("wish", LOADS)
@pytest.mark.parametrize("there", MACHINES)
def test_a_longer_window_never_needs_less(wish: Load, there: Machine) -> None:
    needs = [
        fit(LLAMA_8B, replace(wish, window=window), there).need or 0
        for window in range(1000, 120_000, 7001)
    ]

    assert needs == sorted(needs)
    assert needs[0] > 0 or (wish.engine == Engine.VLLM and not there.cards)


def test_the_sum_is_told_by_part() -> None:
    parts = fit(LLAMA_8B, load(extra=GIB), machine(24)).parts

    assert parts.weights == 4_912_898_304
    assert parts.cache == GIB
    assert parts.runtime == 457 * MIB
    assert parts.total == 4_912_898_304 + GIB + GIB + parts.runtime + 2048 * 132352


@pytest.mark.parametrize(
    ("gib", "verdict"),
    [
        (7.5, Verdict.FITS),
        (6.9, Verdict.TIGHT),
        (6.5, Verdict.PARTIAL),
        (1, Verdict.NO),
    ],
)
def test_the_verdict_follows_the_margin(gib: float, verdict: Verdict) -> None:
    assert fit(LLAMA_8B, load(), machine(gib)).verdict == verdict


def test_a_partial_fit_counts_layers_and_what_is_left() -> None:
    answer = fit(LLAMA_8B, load(32768), machine(8, ram=16))

    assert answer.verdict == Verdict.PARTIAL
    assert (answer.layers, answer.all_layers) == (23, 32)
    assert answer.in_ram == pytest.approx((4_912_898_304 + 4 * GIB) * 9 / 32, rel=1e-6)


def test_what_main_memory_cannot_hold_does_not_fit() -> None:
    assert fit(LLAMA_8B, load(32768), machine(8, ram=2)).verdict == Verdict.NO


def test_models_that_can_be_put_out_count_as_room() -> None:
    full = card(24, free=2 * GIB)
    there = Machine(cards=(full,))
    freed = Machine(cards=(replace(full, evictable=10 * GIB),))

    assert fit(LLAMA_8B, load(), there).verdict == Verdict.PARTIAL
    assert fit(LLAMA_8B, load(), freed).verdict == Verdict.FITS


def test_ollama_keeps_to_one_card_that_holds_it_and_llamacpp_spreads() -> None:
    two = machine(24, 24)

    assert fit(LLAMA_8B, load(), two).cards == 1
    assert fit(LLAMA_8B, load(engine=Engine.LLAMACPP), two).cards == 2


def test_every_card_pays_for_its_runtime_and_buffer() -> None:
    one = fit(LLAMA_8B, load(engine=Engine.LLAMACPP), machine(24)).parts
    two = fit(LLAMA_8B, load(engine=Engine.LLAMACPP), machine(24, 24)).parts

    assert two.runtime == 2 * one.runtime
    assert two.compute == 2 * (one.compute or 0)
    assert two.weights == one.weights


def test_unequal_cards_hold_a_model_that_neither_holds() -> None:
    answer = fit(LLAMA_8B, load(16384), machine(4, 6))

    assert answer.cards == 2
    assert answer.verdict in (Verdict.FITS, Verdict.TIGHT)


def test_layers_are_not_cut_in_two_between_cards() -> None:
    two_layers = replace(LLAMA_8B, layers=2, weights={"Q4_K_M": 8 * GIB})
    three = machine(4.2, 4.2, 4.2)

    answer = fit(two_layers, load(256), three)

    assert answer.need is not None
    assert answer.need < answer.budget
    assert answer.verdict == Verdict.NO


def test_a_processor_has_no_runtime_of_a_card() -> None:
    answer = fit(LLAMA_8B, load(), machine(ram=16))

    assert (answer.cards, answer.parts.runtime) == (0, 0)
    assert answer.verdict == Verdict.FITS
    assert answer.budget == 16 * GIB - RESERVE


def test_a_machine_of_which_nothing_is_known_holds_nothing() -> None:
    assert fit(LLAMA_8B, load(), Machine()).verdict == Verdict.NO


@pytest.mark.parametrize(
    ("memory", "usable"), [(24, 16), (36, 24), (64, 48), (128, 96)]
)
def test_an_apple_machine_lends_a_share_of_its_memory(memory: int, usable: int) -> None:
    shared = apple_card("Apple", memory * GIB)

    assert shared.total == usable * GIB
    assert "Metal" in shared.source


def test_what_is_left_of_apple_memory_bounds_the_share() -> None:
    shared = apple_card("Apple", 64 * GIB, available=10 * GIB)

    assert shared.budget == 10 * GIB - RESERVE


def test_shared_memory_holds_no_second_part() -> None:
    shared = Machine(cards=(apple_card("Apple", 8 * GIB),), ram=64 * GIB)

    assert fit(LLAMA_8B, load(), shared).verdict == Verdict.NO


def test_a_missing_input_is_named_and_nothing_is_guessed() -> None:
    shape = replace(LLAMA_8B, vocabulary=None, kv_heads=None)

    answer = fit(shape, load(), machine(24))

    assert answer.verdict == Verdict.UNKNOWN
    assert answer.missing == (Missing.KV_HEADS, Missing.VOCABULARY)
    assert (answer.need, answer.parts.cache, answer.largest_window) == (
        None,
        None,
        None,
    )


def test_a_window_beyond_training_is_told() -> None:
    assert fit(LLAMA_8B, load(200_000), machine(80)).beyond_trained
    assert not fit(LLAMA_8B, load(), machine(80)).beyond_trained


def test_the_stated_error_follows_what_is_known() -> None:
    counted = replace(LLAMA_8B, weights={})

    assert fit(LLAMA_8B, load(), machine(24)).error == 0.05
    assert fit(counted, load(), machine(24)).error == 0.08
    assert fit(LLAMA_8B, load(), machine(24)).source == Source.ESTIMATED


def test_the_range_is_the_sum_give_or_take_the_error() -> None:
    answer = fit(LLAMA_8B, load(), machine(24))

    assert answer.need is not None
    assert answer.range == (round(answer.need * 0.95), round(answer.need * 1.05))


@pytest.mark.parametrize(
    ("slug", "gib", "window"), [("34b", 18.83, 19_900), ("yi", 19.24, 13_900)]
)
def test_a_card_of_24_holds_what_the_reference_reads_off(
    slug: str, gib: float, window: int
) -> None:
    layers, width = {"34b": (48, (32000, 8192)), "yi": (60, (64000, 7168))}[slug]
    shape = replace(
        LLAMA_8B,
        layers=layers,
        vocabulary=width[0],
        embedding=width[1],
        weights={"Q4_K_M": round(gib * GIB)},
    )

    assert fit(shape, load(), machine(23.5)).largest_window == pytest.approx(
        window, rel=0.02
    )


def vllm(window: int = 8192, **changes: object) -> Load:
    return load(window, engine=Engine.VLLM, quantization="F16", **changes)


def test_vllm_has_what_its_share_of_the_card_leaves() -> None:
    answer = fit(LLAMA_8B, vllm(utilization=0.9), machine(39.5))

    assert answer.parts.weights is not None
    assert answer.parts.weights / GIB == pytest.approx(14.96, abs=0.01)
    assert answer.budget / GIB == pytest.approx(35.55, abs=0.01)


def test_vllm_tells_how_many_whole_windows_its_pool_holds() -> None:
    answer = fit(LLAMA_8B, vllm(), machine(24))

    pool = answer.budget - (answer.need or 0) + GIB
    assert answer.sequences == pytest.approx(pool / GIB)


def test_vllm_divides_weights_and_cache_over_cards_but_copies_latents() -> None:
    two = machine(48, 48)

    plain = fit(LLAMA_8B, vllm(), two)
    latent = fit(LITE, vllm(), two)

    assert plain.parts.cache == GIB
    assert latent.parts.cache == 2 * 27 * 576 * 8192 * 2


def test_vllm_uses_as_many_cards_as_divide_the_heads() -> None:
    assert fit(LLAMA_8B, vllm(), machine(24, 24, 24)).cards == 2


def test_vllm_counts_each_card_as_the_smallest() -> None:
    unequal, equal = machine(24, 48), machine(24, 24)

    assert fit(LLAMA_8B, vllm(), unequal).budget == fit(LLAMA_8B, vllm(), equal).budget


@pytest.mark.parametrize(
    "there", [machine(ram=64), Machine(cards=(apple_card("Apple", 64 * GIB),))]
)
def test_vllm_runs_on_no_processor_and_no_apple_machine(there: Machine) -> None:
    answer = fit(LLAMA_8B, vllm(), there)

    assert answer.verdict == Verdict.NO
    assert Missing.CARD in answer.missing


@pytest.mark.parametrize(("free", "share"), [(None, 0.90), (12.5, 0.50), (0.2, 0.0)])
def test_vllm_is_given_what_is_free(free: float | None, share: float) -> None:
    there = card(24, free=None if free is None else round(free * GIB))

    assert utilization(vllm(), Machine(cards=(there,))) == share


def test_vllm_wants_the_width_of_the_inner_layers() -> None:
    shape = replace(LLAMA_8B, feed_forward=None)

    assert fit(shape, vllm(), machine(24)).missing == (Missing.FEED_FORWARD,)


def test_a_big_card_computes_in_larger_batches() -> None:
    big = fit(LLAMA_8B, vllm(), machine(80)).parts.compute or 0
    older = Card(name="A100 80GB", total=80 * GIB)

    assert (fit(LLAMA_8B, vllm(), Machine(cards=(older,))).parts.compute or 0) < big


def test_a_buffer_without_flash_attention_grows_with_the_window() -> None:
    plain = load(8192, flash_attention=False)

    small = fit(LLAMA_8B, plain, machine(80)).parts.compute or 0
    large = fit(LLAMA_8B, replace(plain, window=131072), machine(80)).parts.compute or 0

    assert small / MIB == pytest.approx(560, abs=1)
    assert large / GIB == pytest.approx(8.3, abs=0.1)


def test_a_load_that_no_engine_takes_is_refused() -> None:
    with pytest.raises(ValueError, match="keeps no q8_0"):
        Load(engine=Engine.VLLM, window=4096, cache=Cache.Q8_0)
    with pytest.raises(ValueError, match="start at 1"):
        load(0)
