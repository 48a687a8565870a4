"""What helps when a model does not fit."""

from dataclasses import replace

import pytest

from models_app.fit.advice import Advice, Alternative, Choices, Remedy, advice
from models_app.fit.estimate import Verdict
from models_app.fit.load import Cache, Engine, Load
from models_app.fit.machine import Machine, apple_card
from models_app.fit.sizes import GIB
from tests.models_app.fit.made import LLAMA_8B, load, machine

GOOD = (Verdict.FITS, Verdict.TIGHT)
SMALL = replace(
    LLAMA_8B, layers=16, parameters=4_000_000_000, weights={"Q4_K_M": 2_400_000_000}
)


def by_remedy(wish: Load, there: Machine, **choices: object) -> dict[Remedy, Advice]:
    chosen = Choices(**choices)  # type: ignore[arg-type]
    given = advice(LLAMA_8B, wish, there, chosen)
    return {each.remedy: each for each in given}


def test_nothing_is_advised_when_it_fits() -> None:
    assert advice(LLAMA_8B, load(), machine(24)) == ()


def test_nothing_is_advised_when_it_cannot_be_said() -> None:
    assert advice(replace(LLAMA_8B, vocabulary=None), load(), machine(1)) == ()


def test_what_costs_nothing_comes_first() -> None:
    given = by_remedy(load(32768), machine(8.5, ram=32))

    assert list(given) == sorted(given, key=list(Remedy).index)
    assert next(iter(given)) == Remedy.QUANTIZED_CACHE
    assert Remedy.SECOND_CARD in given


@pytest.mark.parametrize("gib", [3, 5, 7, 8, 8.5, 9])
@pytest.mark.parametrize("engine", [Engine.OLLAMA, Engine.LLAMACPP, Engine.VLLM])
def test_every_remedy_really_helps(gib: float, engine: Engine) -> None:
    wish = load(32768, engine=engine)
    if engine == Engine.VLLM:
        wish = replace(wish, quantization="F16")

    given = by_remedy(wish, machine(gib, ram=64))

    for remedy, each in given.items():
        assert remedy == Remedy.OFFLOAD or each.fit.verdict in GOOD
        assert each.fit.need is not None


def test_a_remedy_that_does_not_help_is_not_named() -> None:
    given = by_remedy(load(32768), machine(7, ram=32))

    assert Remedy.QUANTIZED_CACHE not in given
    assert Remedy.SHORTER_WINDOW in given


def test_the_window_is_shortened_so_far_that_the_stated_error_does_no_harm() -> None:
    shorter = by_remedy(load(32768), machine(8))[Remedy.SHORTER_WINDOW]

    assert shorter.fit.range is not None
    assert 0.95 < shorter.fit.range[1] / shorter.fit.budget <= 1
    assert shorter.load.window < (shorter.fit.largest_window or 0)


def test_a_window_too_short_to_talk_in_is_not_advised() -> None:
    assert Remedy.SHORTER_WINDOW not in by_remedy(load(32768), machine(5.9))


def test_the_best_quantization_that_fits_is_advised() -> None:
    given = by_remedy(load(quantization="Q8_0"), machine(8))

    assert given[Remedy.SMALLER_QUANTIZATION].load.quantization == "Q5_K_M"


def test_what_does_not_help_alone_may_help_together() -> None:
    wish = load(32768, quantization="Q8_0")

    given = by_remedy(wish, machine(8), quantizations=("Q8_0", "Q4_K_M"))

    together = given[Remedy.TOGETHER]
    assert Remedy.QUANTIZED_CACHE not in given
    assert (together.load.quantization, together.load.cache) == ("Q4_K_M", Cache.Q8_0)
    assert 8192 < together.load.window < 32768


def test_together_the_whole_window_is_kept_where_it_can_be() -> None:
    wish = load(32768, quantization="Q8_0")

    given = by_remedy(wish, machine(9.2), quantizations=("Q8_0", "Q4_K_M"))

    assert given[Remedy.TOGETHER].load.window == 32768


def test_nothing_is_put_together_when_one_thing_helps() -> None:
    assert Remedy.TOGETHER not in by_remedy(load(32768), machine(8.5))


def test_only_quantizations_on_offer_are_advised() -> None:
    wish = load(quantization="Q8_0")

    given = by_remedy(wish, machine(8), quantizations=("Q8_0", "Q4_K_M"))

    assert given[Remedy.SMALLER_QUANTIZATION].load.quantization == "Q4_K_M"


def test_the_largest_of_the_smaller_models_that_fits_is_advised() -> None:
    tiny = replace(SMALL, parameters=1_000_000_000)
    alternatives = (Alternative("tiny", tiny), Alternative("small", SMALL))

    given = by_remedy(load(32768), machine(8), alternatives=alternatives)

    assert given[Remedy.SMALLER_MODEL].model == "small"


def test_a_larger_model_is_no_help() -> None:
    alternatives = (Alternative("same", LLAMA_8B),)

    given = by_remedy(load(32768), machine(8), alternatives=alternatives)

    assert Remedy.SMALLER_MODEL not in given


def test_vllm_is_advised_its_own_cache_and_quantizations() -> None:
    wish = load(8192, engine=Engine.VLLM, quantization="F16")

    given = by_remedy(wish, machine(16, ram=64))

    assert given[Remedy.SMALLER_QUANTIZATION].load.quantization == "FP8"
    assert given[Remedy.OFFLOAD].fit.in_ram > 0


def test_vllm_offloads_only_into_memory_that_is_there() -> None:
    wish = load(8192, engine=Engine.VLLM, quantization="F16")

    assert Remedy.OFFLOAD not in by_remedy(wish, machine(16, ram=1))


def test_shared_memory_gets_no_second_card() -> None:
    shared = Machine(cards=(apple_card("Apple", 8 * GIB),))

    assert Remedy.SECOND_CARD not in by_remedy(load(32768), shared)


def test_a_cache_that_is_quantized_already_is_not_advised_again() -> None:
    wish = load(65536, cache=Cache.Q8_0)

    assert Remedy.QUANTIZED_CACHE not in by_remedy(wish, machine(8))
