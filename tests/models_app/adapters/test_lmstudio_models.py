"""Reading LM Studio's lists."""

import json

import httpx
import pytest

from models_app.adapters.base import LoadedModel, ModelFacts
from models_app.adapters.lmstudio_models import Listed, listed_v0, listed_v1
from tests.recordings import recorded

V1 = json.loads(recorded("lmstudio-models-v1.json"))


def answer(body: object) -> httpx.Response:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return httpx.Response(200, content=content)


def of_v1(**fields: object) -> Listed:
    entry = {"key": "a", "loaded_instances": [], **fields}
    (listed,) = listed_v1(answer({"models": [entry]})) or []
    return listed


def test_the_largest_window_of_several_instances_counts() -> None:
    instances = [{"id": "a", "config": {"context_length": size}} for size in (1, 9, 4)]

    listed = of_v1(loaded_instances=instances)

    assert listed.loaded == LoadedModel("a", window=9)
    assert listed.facts.window == 9


@pytest.mark.parametrize("instance", [{"id": "a"}, {"id": "a", "config": None}, {}])
def test_an_instance_that_says_nothing_is_in_memory_all_the_same(
    instance: object,
) -> None:
    assert of_v1(loaded_instances=[instance]).loaded == LoadedModel("a")


@pytest.mark.parametrize("nothing", [None, [], "x"])
def test_what_has_another_shape_than_expected_counts_as_nothing(
    nothing: object,
) -> None:
    listed = of_v1(quantization=nothing, capabilities=nothing, loaded_instances=nothing)

    assert listed == Listed(ModelFacts("a"))


def test_a_model_for_embeddings_is_none_to_chat_with() -> None:
    listed = listed_v1(answer(V1)) or []

    assert listed[-1].facts.capabilities == {"embedding"}


@pytest.mark.parametrize("body", [{"models": []}, {"data": []}])
def test_an_empty_list_is_a_list(body: dict[str, object]) -> None:
    read = listed_v1 if "models" in body else listed_v0

    assert read(answer(body)) == []


@pytest.mark.parametrize(
    "body",
    [
        b"<html>",
        {"error": "Unexpected endpoint or method. (GET /api/v1/models)"},
        {"models": [{"name": "tiny", "key": None}]},
        {"models": None, "data": [{"id": "tiny"}]},
    ],
)
def test_lists_of_other_servers_are_none(body: object) -> None:
    assert listed_v1(answer(body)) is None
    assert listed_v0(answer(body)) is None
