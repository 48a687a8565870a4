"""What to type."""

import shlex
from dataclasses import replace

import pytest

from models_app.catalogue.builtin import builtin_entries
from models_app.catalogue.commands import Command, Wish, commands_for
from models_app.fit.estimate import Verdict
from models_app.fit.load import Engine
from models_app.fit.machine import Machine, nominal_card
from models_app.fit.sizes import GIB

ENTRIES = {each.slug: each for each in builtin_entries()}
LLAMA = ENTRIES["llama-3.1-8b"]
CARD = nominal_card("RTX 4090", 24 * GIB)
ONE, TWO = Machine(cards=(CARD,)), Machine(cards=(CARD, CARD))


def typed(
    slug: str, quantization: str, there: Machine = ONE, window: int = 16384
) -> dict[Engine, Command]:
    wish = Wish(quantization=quantization, window=window)
    return {each.engine: each for each in commands_for(ENTRIES[slug], wish, there)}


def test_ollama_pulls_by_tag() -> None:
    command = typed("llama-3.1-8b", "Q5_K_M")[Engine.OLLAMA]

    assert command.text == "ollama pull llama3.1:8b-instruct-q5_K_M"


def test_lmstudio_gets_by_address_and_is_searched_by_name() -> None:
    command = typed("qwen3-8b", "Q8_0")[Engine.LMSTUDIO]

    assert command.text == "lms get https://huggingface.co/Qwen/Qwen3-8B-GGUF@q8_0"
    assert command.name == "Qwen/Qwen3-8B-GGUF"


def test_vllm_is_filled_in_from_the_fit() -> None:
    command = typed("llama-3.1-70b", "AWQ", TWO)[Engine.VLLM]

    words = shlex.split(command.text)
    assert words[:3] == [
        "vllm",
        "serve",
        "hugging-quants/Meta-Llama-3.1-70B-Instruct-AWQ-INT4",
    ]
    options = dict(zip(words[3::2], words[4::2], strict=True))
    assert options["--tensor-parallel-size"] == "2"
    assert options["--quantization"] == "awq"
    assert options["--gpu-memory-utilization"] == "0.90"


def test_sixteen_bits_need_no_word_on_quantization() -> None:
    assert "--quantization" not in typed("qwen2.5-7b", "F16")[Engine.VLLM].text


def test_the_window_is_as_asked_when_it_fits() -> None:
    command = typed("llama-3.1-8b", "FP8")[Engine.VLLM]

    assert "--max-model-len 16384" in command.text
    assert "--quantization fp8" in command.text
    assert command.note == ""


def test_a_window_that_does_not_fit_is_shortened_and_that_is_said() -> None:
    command = typed("codellama-34b", "AWQ")[Engine.VLLM]

    assert command.fit is not None
    assert command.fit.window < 16384
    assert f"--max-model-len {command.fit.window} " in command.text
    assert command.fit.verdict in (Verdict.FITS, Verdict.TIGHT)
    assert "shortened" in command.note


def test_no_window_is_longer_than_trained() -> None:
    command = typed("yi-1.5-34b", "AWQ", TWO)[Engine.VLLM]

    assert "--max-model-len 4096" in command.text


def test_what_cannot_run_is_not_typed() -> None:
    command = typed("llama-3.1-70b", "F16", TWO)[Engine.VLLM]

    assert command.text == ""
    assert command.note.startswith("It does not fit")


def test_a_card_half_taken_is_given_half() -> None:
    half = replace(CARD, free=12 * GIB)

    command = typed("qwen2.5-7b", "AWQ", Machine(cards=(half,)))[Engine.VLLM]

    assert "--gpu-memory-utilization 0.48" in command.text


def test_a_quantized_cache_is_asked_of_each_server_in_its_own_way() -> None:
    wish = Wish(quantization="F16", window=8192, quantized_cache=True)

    ollama, vllm = commands_for(LLAMA, wish, ONE)

    assert "OLLAMA_KV_CACHE_TYPE=q8_0" in ollama.note
    assert "--kv-cache-dtype fp8" in vllm.text


def test_only_servers_that_have_the_quantization_are_named() -> None:
    assert set(typed("phi-3-mini-4k", "AWQ")) == set()
    assert set(typed("phi-3-mini-4k", "F16")) == {Engine.OLLAMA, Engine.VLLM}


@pytest.mark.parametrize("slug", ENTRIES)
@pytest.mark.parametrize("quantization", ["Q4_K_M", "AWQ"])
def test_every_command_is_one_line_of_plain_words(slug: str, quantization: str) -> None:
    for command in typed(slug, quantization, window=4096).values():
        assert shlex.join(shlex.split(command.text)) == command.text
        assert "\n" not in command.text


def test_a_name_that_a_shell_would_read_is_quoted() -> None:
    odd = replace(LLAMA, ollama={"Q4_K_M": "x; reboot"})

    wish = Wish(quantization="Q4_K_M", window=4096)

    assert commands_for(odd, wish, ONE)[0].text == "ollama pull 'x; reboot'"
