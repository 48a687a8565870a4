"""Shapes out of a configuration of Hugging Face's."""

from typing import Any

from models_app.fit.hugging_face import shape_from_config
from models_app.fit.shape import Missing

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
    "use_sliding_window": False,
}


def config(**changes: Any) -> dict[str, Any]:
    return {**QWEN3, **changes}


def test_a_configuration_gives_the_shape() -> None:
    shape = shape_from_config(QWEN3, parameters=8_190_735_360)

    assert (shape.layers, shape.kv_heads, shape.key_length) == (36, 8, 128)
    assert (shape.embedding, shape.feed_forward) == (4096, 12288)
    assert (shape.vocabulary, shape.trained_context) == (151936, 40960)


def test_without_a_head_size_heads_divide_the_width() -> None:
    shape = shape_from_config(config(head_dim=None, hidden_size=3072))

    assert shape.key_length == 96


def test_without_a_word_on_keys_every_head_has_its_own() -> None:
    told = config()
    del told["num_key_value_heads"]

    assert shape_from_config(told).kv_heads == 32


def test_a_window_that_is_switched_off_is_none() -> None:
    assert shape_from_config(config(sliding_window=4096)).sliding_window is None


def test_the_kinds_of_layers_say_which_are_windowed() -> None:
    kinds = ["sliding_attention", "full_attention"]
    shape = shape_from_config(
        config(sliding_window=1024, use_sliding_window=True, layer_types=kinds)
    )

    assert shape.windowed == (True, False)


def test_a_window_without_a_word_on_layers_is_noted() -> None:
    told = config(sliding_window=2047, use_sliding_window=None, model_type="phi3")

    shape = shape_from_config(told)

    assert shape.windowed == ()
    assert shape.noted == (Missing.WINDOWED_LAYERS,)


def test_latents_are_read() -> None:
    shape = shape_from_config(
        config(
            kv_lora_rank=512, qk_rope_head_dim=64, qk_nope_head_dim=128, v_head_dim=128
        )
    )

    assert shape.latent is not None
    assert (shape.latent.rank, shape.latent.key) == (512, 192)


def test_the_text_part_of_a_model_with_eyes_is_read() -> None:
    assert shape_from_config({"text_config": QWEN3}).layers == 36


def test_nonsense_is_unknown() -> None:
    shape = shape_from_config({"num_hidden_layers": "many", "head_dim": True})

    assert (shape.layers, shape.kv_heads, shape.key_length) == (None, None, None)
