"""Shapes out of what Ollama tells of a file."""

import json
from typing import Any

from models_app.fit.estimate import Verdict, fit
from models_app.fit.gguf import shape_from_show
from models_app.fit.shape import Missing
from tests.models_app.fit.made import load, machine
from tests.recordings import recorded, recorded_case

INFO = {
    "general.architecture": "llama",
    "general.parameter_count": 4096 * 256 * 2 + 256 * 256,
    "llama.block_count": 1,
    "llama.context_length": 8192,
    "llama.embedding_length": 256,
    "llama.attention.head_count": 4,
    "llama.attention.head_count_kv": 2,
}
TENSORS = [
    {"name": "token_embd.weight", "type": "Q4_K", "shape": [256, 4096]},
    {"name": "output.weight", "type": "Q6_K", "shape": [256, 4096]},
    {"name": "blk.0.attn_k.weight", "type": "F32", "shape": [256, 256]},
]


def told(tensors: Any = None, **info: Any) -> dict[str, Any]:
    names = {name.replace("__", "."): value for name, value in info.items()}
    return {
        "model_info": {**INFO, **names},
        "details": {"quantization_level": "Q4_K_M"},
        "tensors": TENSORS if tensors is None else tensors,
    }


def test_weights_are_the_sum_of_the_tensors() -> None:
    shape = shape_from_show(told())

    expected = 4096 * 144 + 4096 * 210 + 256 * 256 * 4
    assert shape.weights == {"Q4_K_M": expected}


def test_a_list_of_tensors_that_is_cut_gives_no_weights() -> None:
    body = recorded_case("real-ollama-show.json", "show")["body"]

    shape = shape_from_show(body)

    assert shape.weights == {}
    assert shape.parameters == 134_515_008


def test_a_tensor_of_an_unknown_type_gives_no_weights() -> None:
    tensors = [*TENSORS[:2], {**TENSORS[2], "type": "Q9_X"}]

    assert shape_from_show(told(tensors)).weights == {}


def test_a_recorded_answer_gives_the_whole_shape() -> None:
    body = recorded_case("real-ollama-show.json", "show")["body"]

    shape = shape_from_show(body)

    assert (shape.layers, shape.kv_heads, shape.heads) == (30, 3, 9)
    assert (shape.key_length, shape.value_length) == (64, 64)
    assert (shape.embedding, shape.vocabulary) == (576, 49152)
    assert (shape.trained_context, shape.tied) == (8192, True)


def test_the_vocabulary_is_read_from_the_embedding_when_the_list_is_hidden() -> None:
    shape = shape_from_show(json.loads(recorded("ollama-show.json")))

    assert shape.vocabulary == 151936


def test_a_key_length_that_is_told_wins() -> None:
    shape = shape_from_show(told(llama__attention__key_length=128))

    assert (shape.key_length, shape.value_length) == (128, 64)


def test_heads_by_layer_are_read() -> None:
    shape = shape_from_show(told(llama__attention__head_count_kv=[2, 0, 4]))

    assert shape.kv_heads == (2, 0, 4)


def test_hidden_heads_are_read_from_the_matrices() -> None:
    shape = shape_from_show(
        told(llama__attention__head_count_kv=None, llama__block_count=2)
    )

    assert shape.kv_heads == (4, 0)


def test_hidden_heads_without_matrices_are_unknown() -> None:
    shape = shape_from_show(told(TENSORS[:2], llama__attention__head_count_kv=None))

    answer = fit(shape, load(), machine(24))

    assert answer.verdict == Verdict.UNKNOWN
    assert Missing.KV_HEADS in answer.missing


def test_an_old_file_of_latent_attention_is_known_by_what_it_lacks() -> None:
    shape = shape_from_show(told(llama__attention__kv_lora_rank=512))

    assert shape.latent is not None
    assert not shape.latent.aware
    assert (shape.latent.key, shape.latent.value) == (64, 64)


def test_a_new_file_of_latent_attention_tells_the_sizes_of_its_heads() -> None:
    shape = shape_from_show(
        told(
            llama__attention__kv_lora_rank=512,
            llama__attention__key_length=576,
            llama__attention__key_length_mla=192,
            llama__attention__value_length_mla=128,
            llama__rope__dimension_count=64,
        )
    )

    assert shape.latent is not None
    assert shape.latent.aware
    assert (shape.latent.rope, shape.latent.key, shape.latent.value) == (64, 192, 128)


def test_the_architecture_says_which_layers_are_windowed() -> None:
    body = told()
    body["model_info"] = {
        "general.architecture": "gemma3",
        "gemma3.block_count": 12,
        "gemma3.attention.sliding_window": 1024,
    }

    windowed = shape_from_show(body).windowed

    assert [at for at in range(12) if not windowed[at]] == [5, 11]


def test_a_window_of_another_architecture_is_not_used() -> None:
    shape = shape_from_show(told(llama__attention__sliding_window=4096))

    assert shape.windowed == ()


def test_a_hidden_pattern_of_windows_is_noted() -> None:
    shape = shape_from_show(told(llama__attention__sliding_window_pattern=None))

    assert shape.noted == (Missing.WINDOWED_LAYERS,)


def test_an_empty_answer_is_unknown_and_breaks_nothing() -> None:
    answer = fit(shape_from_show({}), load(), machine(24))

    assert answer.verdict == Verdict.UNKNOWN
    assert answer.need is None


def test_nonsense_in_the_answer_is_unknown() -> None:
    shape = shape_from_show(
        {"model_info": [], "tensors": [1, {"shape": ["x"]}], "details": "x"}
    )

    assert (shape.layers, shape.weights) == (None, {})


def test_the_state_of_recurrent_layers_is_noted() -> None:
    shape = shape_from_show(told(llama__ssm__state_size=16))

    assert shape.noted == (Missing.STATE,)
