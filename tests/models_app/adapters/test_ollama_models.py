"""Reading what Ollama lists."""

import json
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from models_app.adapters.base import LoadedModel, ModelFacts
from models_app.adapters.ollama_models import (
    listed,
    loaded_model,
    model_facts,
    with_details,
)
from tests.recordings import recorded, recorded_case

LOADS = "real-ollama-load-unload.json"


def entries(body: object) -> list[dict[str, Any]] | None:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return listed(httpx.Response(200, content=content))


def tagged(name: str) -> ModelFacts:
    facts = [model_facts(each) for each in entries(recorded("ollama-tags.json")) or []]
    return next(each for each in facts if each.name == name)


def in_memory(case: str) -> LoadedModel:
    (entry,) = recorded_case(LOADS, case)["body"]["models"]
    return loaded_model(entry)


def leaving(told: object) -> datetime | None:
    return loaded_model({"name": "a", "expires_at": told}).unloads_at


def test_a_model_is_told_as_ollama_tells_it() -> None:
    assert tagged("qwen3:1.7b") == ModelFacts(
        name="qwen3:1.7b",
        context=40960,
        size=1359293444,
        quantization="Q4_K_M",
        family="qwen3",
        parameters="2.0B",
        capabilities=frozenset({"completion", "tools", "thinking"}),
        mark="8f68893c685c3ddff2aa3fffce2aa60a30bb2da65ca488b61fff134a4d1730e7",
        format="gguf",
        changed_at=datetime(2026, 11, 20, 17, 4, 11, 482013, UTC),
    )


def test_an_older_server_tells_less() -> None:
    older = tagged("hf.co/example-user/Tiny-Chat-GGUF:Q4_K_M")

    assert (older.context, older.capabilities) == (None, frozenset())
    assert (older.family, older.quantization) == ("llama", "unknown")


def test_a_model_that_only_embeds_is_no_model_to_chat_with() -> None:
    assert tagged("nomic-embed-text:latest").capabilities == {"embedding"}


def test_a_model_that_runs_elsewhere_is_marked() -> None:
    assert "cloud" in tagged("gpt-oss:120b-cloud").capabilities


@pytest.mark.parametrize("details", [None, {}, [], {"families": None, "family": None}])
def test_details_may_be_missing(details: object) -> None:
    facts = model_facts({"name": "a", "details": details, "capabilities": None})

    assert facts == ModelFacts("a")


@pytest.mark.parametrize("body", [{"models": []}, {"models": None}])
def test_no_models_are_an_empty_list(body: object) -> None:
    assert entries(body) == []


@pytest.mark.parametrize(
    "body", [b"", b"<html>", [], {}, {"models": "a"}, {"models": [7]}, {"error": "no"}]
)
def test_what_is_no_list_is_none(body: object) -> None:
    assert entries(body) is None


def test_details_bring_what_an_older_list_lacks() -> None:
    shown = json.loads(recorded("ollama-show.json"))

    assert with_details(ModelFacts("old", size=7), shown) == ModelFacts(
        "old",
        size=7,
        context=40960,
        capabilities=frozenset({"completion", "tools", "thinking"}),
    )


@pytest.mark.parametrize(
    "about",
    [
        None,
        {},
        {"general.architecture": None},
        {"general.architecture": "qwen3", "llama.context_length": 9},
        {"general.architecture": "qwen3", "qwen3.context_length": None},
    ],
)
def test_details_that_say_nothing_take_nothing_away(about: object) -> None:
    known = ModelFacts("a", context=4096, capabilities=frozenset({"tools"}))

    assert with_details(known, {"model_info": about}) == known


def test_a_model_without_a_card_is_told_from_one_that_nobody_knows_of() -> None:
    assert in_memory("ps, loaded for 30 minutes").card_memory == 0
    assert loaded_model({"name": "a"}).card_memory is None


def test_the_window_of_a_model_in_memory_is_the_one_it_was_loaded_with() -> None:
    assert in_memory("ps, num_ctx 512").window == 512


def test_a_model_that_stays_for_ever_has_no_time_to_leave() -> None:
    assert in_memory("ps, loaded forever").unloads_at is None
    assert leaving("2318-03-04T21:15:02.913372+01:00") is None


@pytest.mark.parametrize(
    "case", ["ps right after unload", "ps after unload, still busy", "ps while busy"]
)
def test_a_model_is_in_memory_as_long_as_it_is_listed(case: str) -> None:
    assert in_memory(case).name == "smollm2:135m"


@pytest.mark.parametrize(
    "told",
    [
        "2026-11-22T10:34:17.123456789Z",
        "2026-11-22T11:34:17.123456789+01:00",
        "2026-11-22T10:34:17.123456",
    ],
)
def test_times_are_read_in_all_their_forms(told: str) -> None:
    assert leaving(told) == datetime(2026, 11, 22, 10, 34, 17, 123456, UTC)


@pytest.mark.parametrize("told", [None, "", "soon", 7])
def test_a_time_that_says_nothing_is_no_accident(told: object) -> None:
    assert leaving(told) is None
