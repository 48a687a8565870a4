"""The facts of an entry out of a configuration of Hugging Face's."""

import json
from typing import Any

import pytest

from models_app.catalogue.hugging_face import facts_from_config
from models_app.catalogue.read import Unreadable

QWEN3 = {
    "model_type": "qwen3",
    "num_hidden_layers": 36,
    "num_attention_heads": 32,
    "num_key_value_heads": 8,
    "head_dim": 128,
    "hidden_size": 4096,
    "intermediate_size": 12288,
    "vocab_size": 151936,
    "max_position_embeddings": 40960,
    "tie_word_embeddings": False,
    "sliding_window": None,
}


def facts(**changes: Any) -> dict[str, Any]:
    return facts_from_config(json.dumps({**QWEN3, **changes}))


def test_a_configuration_gives_the_facts_of_the_shape() -> None:
    told = facts()

    assert (told["architecture"], told["tied"]) == ("qwen3", False)
    assert (told["layers"], told["heads"], told["kv_heads"]) == (36, 32, 8)
    assert (told["key_length"], told["value_length"]) == (128, 128)
    assert (told["embedding"], told["feed_forward"]) == (4096, 12288)
    assert (told["vocabulary"], told["trained_context"]) == (151936, 40960)


def test_without_a_head_size_heads_divide_the_width() -> None:
    assert facts(head_dim=None, hidden_size=3072)["key_length"] == 96


def test_without_a_word_on_keys_every_head_has_its_own() -> None:
    told = {name: value for name, value in QWEN3.items() if "key_value" not in name}

    assert facts_from_config(json.dumps(told))["kv_heads"] == 32


def test_latents_are_read_and_give_the_sizes_of_a_head() -> None:
    told = facts(
        kv_lora_rank=512, qk_rope_head_dim=64, qk_nope_head_dim=128, v_head_dim=128
    )

    assert (told["latent_rank"], told["latent_rope"]) == (512, 64)
    assert (told["key_length"], told["value_length"]) == (192, 128)


@pytest.mark.parametrize(
    "name", ["num_local_experts", "num_experts", "n_routed_experts"]
)
def test_experts_are_counted_whatever_they_are_called(name: str) -> None:
    assert facts(**{name: 64})["experts"] == 64


def test_the_text_part_of_a_model_with_eyes_is_read() -> None:
    assert facts_from_config(json.dumps({"text_config": QWEN3}))["layers"] == 36


def test_what_is_no_number_tells_nothing() -> None:
    told = facts_from_config('{"num_hidden_layers": "many", "head_dim": true}')

    assert told == {}


@pytest.mark.parametrize("text", ["", "layers: 36", "[1]", "[" * 100_000])
def test_what_is_no_object_of_json_is_refused(text: str) -> None:
    with pytest.raises(Unreadable):
        facts_from_config(text)
