"""What a model's size in memory follows from."""

import json

from models_app.adapters.ollama_shape import shape_in
from tests.recordings import recorded, recorded_case

SHOWN = json.loads(recorded("ollama-show.json"))


def test_the_shape_has_what_an_estimate_needs_and_no_more() -> None:
    about = shape_in(recorded_case("real-ollama-show.json", "show")["body"])[
        "model_info"
    ]

    assert about == {
        "general.architecture": "llama",
        "general.file_type": 15,
        "general.parameter_count": 134515008,
        "llama.attention.head_count": 9,
        "llama.attention.head_count_kv": 3,
        "llama.block_count": 30,
        "llama.context_length": 8192,
        "llama.embedding_length": 576,
        "llama.rope.dimension_count": 64,
        "llama.vocab_size": 49152,
    }


def test_the_tensors_keep_their_types_and_shapes() -> None:
    assert shape_in(SHOWN)["tensors"] == SHOWN["tensors"]


def test_how_it_is_packed_and_started_is_told_too() -> None:
    shape = shape_in(SHOWN)

    assert shape["details"] == {
        "parameter_size": "2.0B",
        "quantization_level": "Q4_K_M",
    }
    assert "temperature" in shape["parameters"]
    assert shape["projector_info"] == {}


def test_windows_and_states_come_with_all_that_belongs_to_them() -> None:
    told = {
        "general.architecture": "gemma3",
        "gemma3.attention.sliding_window": 512,
        "gemma3.attention.sliding_window_pattern": None,
        "gemma3.ssm.state_size": 16,
        "gemma3.attention.layer_norm_rms_epsilon": 1e-6,
        "llama.block_count": 30,
    }

    assert set(shape_in({"model_info": told})["model_info"]) == {
        "general.architecture",
        "gemma3.attention.sliding_window",
        "gemma3.attention.sliding_window_pattern",
        "gemma3.ssm.state_size",
    }


def test_a_server_that_shows_nothing_gives_an_empty_shape() -> None:
    shape = shape_in({"model_info": None, "tensors": 7, "parameters": None})

    assert not any(shape.values())


def test_the_file_of_the_weights_is_told_by_the_line_that_is_no_comment() -> None:
    shown = recorded_case("real-ollama-show.json", "show")["body"]

    blob = "27e1496775b07d69415cc5b6658f448ded3829cd2d769473cf2781e77d020b19"
    assert shape_in(shown)["blob"] == blob
    assert shape_in({"modelfile": "# FROM x/sha256-" + "a" * 64})["blob"] == ""
