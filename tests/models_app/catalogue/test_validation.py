"""Entries as administrators write them."""

from typing import Any

import pytest

from models_app.catalogue.entry import Purpose, Size, SizeBasis
from models_app.catalogue.validation import BadEntry, entry_from, problems

FORM = {
    "slug": "my-model-7b",
    "name": "My Model 7B",
    "family": "my-model",
    "purposes": "chat, code",
    "licence": "Apache-2.0",
    "source": "its model card",
    "trained_context": "32 768",
    "parameters": "7,248,023,552",
    "layers": "32",
    "kv_heads": "8",
    "key_length": "128",
    "value_length": "128",
    "heads": "32",
    "embedding": "4096",
    "vocabulary": "32768",
    "feed_forward": "",
    "tied": "no",
    "sizes": "Q4_K_M 4372000000\n\nQ8_0 7702000000",
    "ollama": "Q4_K_M my-model:7b-q4_K_M\nQ8_0 hf.co/me/My-Model-GGUF:Q8_0",
    "vllm": "F16 me/My-Model-7B",
}


def form(**changes: Any) -> dict[str, Any]:
    return {**FORM, **changes}


def test_a_form_makes_an_entry() -> None:
    entry = entry_from(FORM)

    assert entry.purposes == (Purpose.CHAT, Purpose.CODE)
    assert (entry.trained_context, entry.parameters) == (32768, 7_248_023_552)
    assert entry.sizes["Q4_K_M"] == Size(4_372_000_000, SizeBasis.FILE)
    assert entry.ollama["Q8_0"] == "hf.co/me/My-Model-GGUF:Q8_0"
    assert (entry.feed_forward, entry.tied, entry.lmstudio) == (None, False, {})


def test_heads_may_be_given_layer_by_layer() -> None:
    entry = entry_from(form(layers="3", kv_heads="8, 0, 8"))

    assert entry.kv_heads == (8, 0, 8)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"name": " "}, "“name” is missing"),
        ({"source": None}, "“source” is missing"),
        ({"purposes": []}, "“purposes” is missing"),
        ({"purposes": "poetry"}, "Choose purposes among"),
        ({"layers": "many"}, "Write layers as a whole number"),
        ({"layers": "-3"}, "Write layers as a whole number"),
        ({"layers": 0}, "“layers” is missing"),
        ({"kv_heads": "8, x"}, "Write key and value heads as a whole number"),
        ({"kv_heads": "8, 8"}, "for each of the 32 layers"),
        ({"kv_heads": "64"}, "more key and value heads than attention heads"),
        ({"tied": "perhaps"}, "with yes or no"),
        ({"slug": "My Model"}, "Write the short name in small letters"),
        ({"ollama": "my-model"}, "one a line"),
        ({"ollama": "Q4_K_M my model; rm -rf"}, "cannot be a name"),
        ({"vllm": "F16 no-owner"}, "cannot be a name"),
        ({"vllm": "F16 -x/--y"}, "cannot be a name"),
        ({"vllm": "Q4_K_M me/My-Model"}, "no known quantization"),
        ({"sizes": "Q4_K_M 43720000"}, "does not go with the parameters"),
        ({"sizes": "Q4_K_M big"}, "one a line"),
        ({"ollama": "", "vllm": ""}, "at least one kind of server"),
        ({"latent_rank": "512"}, "latent rope size"),
        ({"colour": "red"}, "“colour” is not a field"),
    ],
)
def test_what_is_wrong_is_said(changes: dict[str, Any], words: str) -> None:
    found = problems(form(**changes))

    assert len(found) == 1
    assert words in found[0]
    assert found[0].endswith((".", "them."))


def test_all_problems_are_said_at_once() -> None:
    found = problems({})

    assert len(found) == 15


def test_an_entry_with_problems_is_not_made() -> None:
    with pytest.raises(BadEntry) as raised:
        entry_from(form(name="", layers="x"))

    assert len(raised.value.problems) == 2


@pytest.mark.parametrize("value", [[], {}, [1, [2]], 3.5, True, "9" * 400, "٣"])
def test_no_value_breaks_the_reading(value: Any) -> None:
    for name in FORM:
        assert isinstance(problems(form(**{name: value})), list)
