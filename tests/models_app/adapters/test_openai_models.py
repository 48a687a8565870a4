"""Reading lists of models."""

import json

import httpx
import pytest

from models_app.adapters.base import ModelFacts
from models_app.adapters.openai_models import listed, model_facts
from tests.recordings import recorded


def entries(body: object) -> list[dict[str, object]] | None:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return listed(httpx.Response(200, content=content))


def facts_in(name: str) -> list[ModelFacts]:
    return [model_facts(entry) for entry in entries(recorded(name)) or []]


def test_vllm_tells_its_context() -> None:
    assert facts_in("real-vllm-models.json") == [
        ModelFacts("smollm2-135m", context=2048, window=2048)
    ]


def test_llamacpp_tells_more() -> None:
    (facts,) = facts_in("llamacpp-models.json")

    assert facts.name == "smollm2:135m"
    assert (facts.quantization, facts.parameters) == ("Q4_1", "134.5M")
    assert (facts.context, facts.window, facts.size) == (8192, 2048, 96576768)
    assert facts.mark == "96576768/134515008/8192"


def test_an_ollama_without_models_lists_none() -> None:
    assert entries(recorded("ollama-v1-models-empty.json")) == []


def test_a_bare_list_is_a_list_too() -> None:
    assert entries([{"id": "a"}, {"no": "id"}, "b"]) == [{"id": "a"}]


@pytest.mark.parametrize(
    "body",
    [
        b"<html></html>",
        b"",
        {"data": "a"},
        {"error": "no"},
        7,
        b"[" * 100_000,
        [1, 2],
        [{"name": "a"}],
        {"data": [{"title": "A blog"}]},
    ],
)
def test_what_is_no_list_of_models_is_none(body: object) -> None:
    assert entries(body) is None


@pytest.mark.parametrize(
    ("fields", "context"),
    [
        ({"context_length": 4096, "max_input_tokens": 1}, 4096),
        ({"max_model_len": None, "context_window": 8192}, 8192),
        ({"max_context_length": 1024}, 1024),
        ({"meta": {"n_ctx": 2048}, "max_input_tokens": 1}, 2048),
        ({"meta": None, "max_input_tokens": 512}, 512),
        ({"context_length": "many"}, None),
    ],
)
def test_the_context_is_found_under_any_of_its_names(
    fields: dict[str, object], context: int | None
) -> None:
    assert model_facts({"id": "a", **fields}).context == context


def test_a_model_that_takes_images_can_see() -> None:
    kinds = {"input_modalities": ["text", "image"]}

    facts = model_facts({"id": "a", "architecture": kinds, "meta": {"n_params": 7.6e9}})

    assert facts.capabilities == {"vision"}
    assert facts.parameters == ""


def test_weights_are_counted_in_billions() -> None:
    facts = model_facts({"id": "a", "meta": {"n_params": 7_615_616_512}})

    assert facts.parameters == "7.6B"


def test_an_adapter_upon_a_model_has_no_window_of_its_own() -> None:
    facts = {each.name: each.window for each in facts_in("vllm-models.json")}

    assert facts == {"qwen3-8b": 32768, "qwen3-8b-chat": 32768, "sql-lora": None}


@pytest.mark.parametrize("meta", [None, {}, [], "x", {"n_ctx": None, "size": ""}])
def test_a_model_that_is_not_loaded_says_only_its_name(meta: object) -> None:
    facts = model_facts({"id": "a", "meta": meta, "architecture": None})

    assert (facts.name, facts.context, facts.window, facts.size) == (
        "a",
        None,
        None,
        None,
    )
