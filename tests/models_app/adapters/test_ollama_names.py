"""Ollama's names, by what its own parser made of them."""

import json
from typing import Any

import pytest

from models_app.adapters.ollama_names import parsed_name
from tests.recordings import recorded

EXAMPLES: list[dict[str, Any]] = json.loads(recorded("ollama-names.json"))["names"]
NAMES = [each for each in EXAMPLES if "error" not in each]
NO_NAMES = [each for each in EXAMPLES if "error" in each]


@pytest.mark.parametrize("example", NAMES, ids=lambda each: repr(each["input"]))
def test_a_name_has_the_parts_that_ollama_sees_in_it(example: dict[str, Any]) -> None:
    name = parsed_name(example["input"])

    assert (name.source or "unspecified") == example["source"]
    assert (name.host, name.namespace) == (example["host"], example["namespace"])
    assert (name.model, name.tag) == (example["model"], example["tag"])
    assert name.scheme == example["scheme"]
    assert name.display == example["display"]


@pytest.mark.parametrize("example", NO_NAMES, ids=lambda each: repr(each["input"]))
def test_what_ollama_refuses_is_refused_in_its_words(example: dict[str, Any]) -> None:
    with pytest.raises(ValueError) as refused:
        parsed_name(example["input"])

    assert str(refused.value) == example["error"]


@pytest.mark.parametrize(
    "text", ["a\nb", "ä", "a/", "ftp://h/n/m", "a" * 81, "m:" + "t" * 81, "\ud800", ":"]
)
def test_what_fits_no_part_is_no_name(text: str) -> None:
    with pytest.raises(ValueError, match="invalid model name"):
        parsed_name(text)


@pytest.mark.parametrize("text", ["a" * 80, "h" * 350 + "/n/m", "n/" + "m" * 80])
def test_parts_may_be_as_long_as_ollama_lets_them(text: str) -> None:
    assert parsed_name(text).model


@pytest.mark.parametrize(
    ("text", "listed"),
    [
        ("qwen3", "qwen3:latest"),
        ("registry.ollama.ai/library/qwen3:8b", "qwen3:8b"),
        ("gpt-oss:120b-cloud", "gpt-oss:120b-cloud"),
        ("gpt-oss:cloud", "gpt-oss:cloud"),
        ("qwen3:8b:cloud", "qwen3:8b-cloud"),
        ("llama3.2:local", "llama3.2:latest"),
    ],
)
def test_a_name_is_listed_with_its_tag_and_where_it_runs(
    text: str, listed: str
) -> None:
    assert parsed_name(text).listed == listed


@pytest.mark.parametrize("example", NAMES, ids=lambda each: repr(each["input"]))
def test_the_listed_name_of_a_listed_name_is_itself(example: dict[str, Any]) -> None:
    listed = parsed_name(example["input"]).listed

    assert parsed_name(listed).listed == listed
