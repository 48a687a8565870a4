"""Which entry a model on a server is."""

import pytest

from models_app.catalogue.builtin import builtin_entries
from models_app.catalogue.match import matched


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("qwen2.5:7b-instruct-q8_0", "qwen2.5-7b"),
        ("qwen2.5:7b", "qwen2.5-7b"),
        ("Qwen/Qwen2.5-7B-Instruct-AWQ", "qwen2.5-7b"),
        ("qwen2.5-7b-instruct", "qwen2.5-7b"),
        ("mistral:7b", "mistral-7b-v0.3"),
        ("llama3.1:70b", "llama-3.1-70b"),
    ],
)
def test_a_model_is_known_by_what_its_server_calls_it(name: str, slug: str) -> None:
    entry = matched(name, builtin_entries())

    assert entry is not None
    assert entry.slug == slug


@pytest.mark.parametrize("name", ["qwen2.5", "qwen2.5:72b", "phi3:3.8b", "tiny", ""])
def test_what_might_be_another_is_taken_for_none(name: str) -> None:
    assert matched(name, builtin_entries()) is None
