"""The models that come with Paddock."""

from dataclasses import fields

import pytest

from models_app.catalogue.builtin import builtin_entries
from models_app.catalogue.entry import (
    Entry,
    Purpose,
    SizeBasis,
    alternatives_to,
    shape_of,
    size_of,
)
from models_app.catalogue.match import matched
from models_app.catalogue.sources import BETWEEN, SOURCES, source_told
from models_app.catalogue.validation import data_of, entry_from, problems
from models_app.fit.estimate import fit
from models_app.fit.gguf import shape_from_show
from models_app.fit.load import Engine
from models_app.fit.shape import Shape
from tests.models_app.fit.made import load, machine
from tests.recordings import recorded_case

ENTRIES = builtin_entries()
BY_SLUG = {each.slug: each for each in ENTRIES}
STARTER = "smollm2-135m"
"""It comes with Paddock and is fetched from nowhere."""
LICENCES = {
    "qwen2.5-7b": "Apache-2.0",
    "qwen2.5-14b": "Apache-2.0",
    "qwen2.5-coder-7b": "Apache-2.0",
    "qwen3-8b": "Apache-2.0",
    "llama-3.1-8b": "Llama 3.1 Community License",
    "llama-3.1-70b": "Llama 3.1 Community License",
    "mistral-7b-v0.3": "Apache-2.0",
    "deepseek-coder-v2-lite": "DeepSeek Model License",
    "codellama-7b": "Llama 2 Community License",
    "codellama-13b": "Llama 2 Community License",
    "codellama-34b": "Llama 2 Community License",
    "yi-1.5-34b": "Apache-2.0",
    "phi-3-mini-4k": "MIT",
    "phi-3-mini-128k": "MIT",
    STARTER: "Apache-2.0",
}
every_entry = pytest.mark.parametrize("entry", ENTRIES, ids=lambda each: each.slug)


def test_every_model_has_its_licence() -> None:
    assert {each.slug: each.licence for each in ENTRIES} == LICENCES


@every_entry
def test_every_entry_is_free_of_problems_and_gives_itself_back(entry: Entry) -> None:
    data = data_of(entry)

    assert problems(data) == []
    assert entry_from(data) == entry


@every_entry
def test_every_entry_has_a_size_for_each_way_to_get_it(entry: Entry) -> None:
    for quantization in entry.quantizations:
        assert size_of(entry, quantization) is not None


@every_entry
def test_every_entry_can_be_weighed_on_every_engine(entry: Entry) -> None:
    for engine in Engine:
        wish = load(4096, engine=engine, quantization="F16")

        assert fit(shape_of(entry), wish, machine(1000)).missing == ()


@every_entry
def test_every_entry_can_be_got_in_the_four_common_quantizations(entry: Entry) -> None:
    if entry.slug == STARTER:
        return
    assert set(entry.ollama) == {"Q4_K_M", "Q5_K_M", "Q8_0", "F16"}
    assert {"Q4_K_M", "Q5_K_M", "Q8_0"} <= set(entry.lmstudio)
    assert {"F16", "FP8"} <= set(entry.vllm)


@every_entry
def test_sixteen_bits_are_two_bytes_a_parameter(entry: Entry) -> None:
    size = size_of(entry, "F16")

    assert size is not None
    assert size.amount / entry.parameters == pytest.approx(2, rel=0.002)


def test_the_starter_model_is_in_the_catalogue_and_as_its_file_tells() -> None:
    entry = matched("smollm2-135m-instruct", ENTRIES)

    assert entry is not None
    told = shape_from_show(recorded_case("real-ollama-show.json", "show")["body"])
    unlike = {"mark", "weights", "key_length", "value_length", "tied", "noted"}
    for name in {field.name for field in fields(Shape)} - unlike:
        assert getattr(shape_of(entry), name) == getattr(told, name), name


@every_entry
def test_every_word_on_where_facts_are_from_can_be_translated(entry: Entry) -> None:
    assert set(entry.source.split(BETWEEN)) <= set(SOURCES)
    assert source_told(entry.source) == entry.source


def test_every_purpose_is_served() -> None:
    served = {purpose for each in ENTRIES for purpose in each.purposes}

    assert served == set(Purpose)


def test_a_size_says_where_it_comes_from() -> None:
    entry = BY_SLUG["llama-3.1-8b"]
    known, computed = size_of(entry, "Q4_K_M"), size_of(entry, "AWQ")

    assert known is not None
    assert computed is not None
    assert (known.basis, computed.basis) == (SizeBasis.TENSORS, SizeBasis.BITS)


def test_a_size_that_cannot_be_computed_is_none() -> None:
    assert size_of(BY_SLUG["llama-3.1-8b"], "Q9_X") is None


def test_smaller_models_of_the_family_stand_in() -> None:
    found = alternatives_to(BY_SLUG["codellama-34b"], ENTRIES)

    assert [each.name for each in found] == [
        "CodeLlama 13B Instruct",
        "CodeLlama 7B Instruct",
    ]
