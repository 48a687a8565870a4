"""Larger windows: which is offered, and to whom a server with room for it is given."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.people.models import User
from models_app.models import LanguageModel
from models_app.wider import (
    Need,
    Way,
    asks_for_windows,
    larger_model_for,
    offer_for,
    server_with,
    usual_window_for,
)
from tests.make import make_backend, make_hidden_backend, make_model

COUNTS = st.integers(1, 500_000)
NAME = "qwen2.5:7b"


def there(**fields: Any) -> LanguageModel:
    """A model on a card of 12 GB, trained for 32,768 tokens."""
    make = fields.pop("make", make_backend)
    server = {"kind": "ollama", "card": "geforce-rtx-3060"}
    server |= {each: fields.pop(each) for each in ("card", "kind") if each in fields}
    facts = {"context": 32768, "quantization": "Q4_K_M", **fields}
    return make_model(NAME, backend=make(**server), **facts)


@given(COUNTS, COUNTS, COUNTS)
def test_a_window_holds_the_prompt_and_a_reply_and_is_no_more_than_there_is(
    cautious: int, about: int, most: int
) -> None:
    window = usual_window_for(Need(cautious, about), most)

    assert window is None or about * 5 // 4 <= window <= most
    assert (window is None) == (Need(cautious, about).bare > most // 256 * 256)


def test_a_usual_one_that_our_own_prompts_fit_is_taken_where_it_fits() -> None:
    assert usual_window_for(Need(cautious=14_500, about=9_700), 131_072) == 32_768
    assert usual_window_for(Need(cautious=14_500, about=9_700), 20_000) == 16_384
    assert usual_window_for(Need(cautious=14_500, about=9_700), 13_000) == 12_800


@pytest.mark.parametrize(
    ("kind", "way"), [("ollama", Way.ASK), ("lmstudio", Way.LOAD), ("vllm", Way.START)]
)
@pytest.mark.django_db
def test_each_kind_has_its_way(kind: str, way: Way) -> None:
    offer = offer_for(there(kind=kind), Need(5000, 4000))

    assert (offer.way, offer.window) == (way, 8192)


def test_only_ollama_takes_a_window_with_any_question() -> None:
    kinds = ("ollama", "lmstudio", "llamacpp", "vllm", "openai", "")

    assert [each for each in kinds if asks_for_windows(each)] == ["ollama"]


@pytest.mark.django_db
def test_a_server_that_is_for_others_is_given_to_nobody_else(
    person: User, admin: User
) -> None:
    hidden = there(make=make_hidden_backend)

    assert server_with(person, NAME, 8192) is None
    assert server_with(admin, NAME, 8192) == hidden.backend_id


@pytest.mark.django_db
def test_one_that_has_it_loaded_so_comes_first_whatever_its_card(person: User) -> None:
    there()
    loaded = there(card="", loaded=True, window=8192)

    assert server_with(person, NAME, 8192) == loaded.backend_id


@pytest.mark.django_db
def test_what_ollama_would_load_a_model_with_is_no_window(person: User) -> None:
    there()

    assert larger_model_for(person, 20_000) == ""


@pytest.mark.django_db
def test_the_smallest_model_that_reads_so_much_is_offered(person: User) -> None:
    vllm = make_backend(kind="vllm")
    for name, context in (("small", 8192), ("large", 131_072), ("medium", 32_768)):
        make_model(name, backend=vllm, context=context)

    assert larger_model_for(person, 20_000) == "medium"
