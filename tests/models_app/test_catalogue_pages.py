"""The pages of the catalogue: what fits, what helps, what to type, and our own entries."""

import json
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from dashboard.people.models import User
from models_app.admin.catalogue import _written
from models_app.catalogue.builtin import builtin_entries
from models_app.catalogue.validation import data_of
from models_app.catalogue_entries import entries
from models_app.fit.cards import CardKind
from models_app.hardware import cards_by_slug
from models_app.models import CatalogueEntry, FitMeasurement

pytestmark = pytest.mark.django_db
LIST = "/models/catalogue/"
OWN = next(each for each in builtin_entries() if each.slug == "qwen2.5-7b")
LLAMA = f"{LIST}llama-3.1-70b/"


def page_at(client: Client, address: str, status: int = 200) -> str:
    response = client.get(address)
    assert response.status_code == status
    return response.content.decode()


@pytest.fixture
def office(admin: User) -> Client:
    client = Client()
    client.force_login(admin, backend="django.contrib.auth.backends.ModelBackend")
    return client


def facts(**changed: str) -> dict[str, str]:
    """A builtin entry as somebody would type it into the admin."""
    data = data_of(builtin_entries()[0])
    return {name: _written(value) for name, value in data.items()} | changed


def test_the_catalogue_says_what_fits_the_chosen_machine(signed_in: Client) -> None:
    page = page_at(signed_in, f"{LIST}?card=geforce-rtx-3060&window=8192")

    assert "Qwen2.5 7B Instruct" in page
    assert "state-ok" in page
    assert "state-bad" in page or "state-warn" in page


def test_only_what_fits_and_what_it_is_for(signed_in: Client) -> None:
    page = page_at(signed_in, f"{LIST}?purpose=code&fitting=on&card=geforce-rtx-3060")

    assert "Qwen2.5-Coder 7B" in page
    assert "Qwen2.5 14B" not in page
    assert "CodeLlama 34B" not in page


def test_a_window_that_is_no_number_is_said_and_kept(signed_in: Client) -> None:
    page = page_at(signed_in, f"{LIST}?window=many", 422)

    assert "Write a whole number." in page
    # A field of numbers alone would show nothing.
    assert '<input type="text" name="window" value="many"' in page
    assert "Qwen2.5 7B Instruct" in page


@pytest.mark.parametrize("typed", ["16384", "16,384", "16 384", "16'384"])
def test_a_window_may_be_written_in_groups(signed_in: Client, typed: str) -> None:
    page = page_at(signed_in, f"{LIST}qwen2.5-7b/?window={typed}")

    assert "with a window of 16,384 tokens" in page


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("window=12", "A window has at least 256 tokens."),
        ("window=-4096", "A window has at least 256 tokens."),
        ("count=9", "At most eight cards of one machine are reckoned with."),
        ("slots=0", "At least one reply at a time."),
        ("card=abacus", "Choose a card of the list."),
        ("quantization=Q1", "Choose a quantization of the list."),
        ("ram=much", "Write a whole number."),
        ("ram=16,5", "Write a whole number; thousands may stand in groups of three"),
        ("ram=16.5", "Write a whole number; thousands may stand in groups of three"),
        ("window=1,6384", "Write a whole number; thousands may stand in groups of"),
        ("window=1_6,384", "Write a whole number; thousands may stand in groups of"),
        ("card=apple-silicon-36-gb&count=2", "the memory of two does not become one"),
        ("card=gb10&count=2", "the memory of two does not become one"),
    ],
)
def test_what_cannot_be_planned_is_said_in_a_sentence(
    signed_in: Client, query: str, said: str
) -> None:
    assert said in page_at(signed_in, f"{LIST}?{query}", 422)


def test_a_model_that_does_not_fit_comes_with_what_helps(signed_in: Client) -> None:
    page = page_at(signed_in, f"{LLAMA}?card=geforce-rtx-4090&ram=64")

    assert "What helps, the cheapest first" in page
    assert "layers on the card" in page


def test_an_apple_computer_says_which_part_of_its_memory_counts(
    signed_in: Client,
) -> None:
    slug = next(
        slug for slug, each in cards_by_slug().items() if each.kind == CardKind.APPLE
    )
    said = "Of an Apple computer&#x27;s memory, what Metal recommends counts"

    assert said in page_at(signed_in, f"{LLAMA}?card={slug}")
    assert said not in page_at(signed_in, LLAMA)


def test_over_two_cards_it_fits_and_vllm_is_told_so(signed_in: Client) -> None:
    page = page_at(signed_in, f"{LLAMA}?card=h100-80gb&count=2&quantization=FP8")

    assert "state-ok" in page
    assert "--tensor-parallel-size 2" in page


def test_the_sum_of_a_row_is_that_of_the_worked_table(signed_in: Client) -> None:
    page = page_at(signed_in, f"{LIST}llama-3.1-8b/?card=geforce-rtx-3060&window=32768")

    assert "It fits: with a window of 32,768 tokens it needs 10.0 GB of 11.8 GB" in page
    assert "Estimated; give or take 5%." in page


@pytest.mark.parametrize("memory", ["36", "128", "512"])
def test_vllm_on_apple_is_one_sentence_and_nothing_to_type(
    signed_in: Client, memory: str
) -> None:
    response = signed_in.get(f"{LLAMA}?card=apple-silicon-{memory}-gb&quantization=AWQ")

    page = response.content.decode()
    assert page.count("vLLM does not run on this hardware") == 2
    assert "vllm serve" not in page
    assert response.context["row"].fit.largest_window is None


def test_a_card_is_told_as_files_are_counted(signed_in: Client) -> None:
    page = page_at(signed_in, f"{LIST}qwen2.5-7b/?card=geforce-rtx-4090")

    assert "25.8 GB as files are counted, 24.7 GB of it usable" in page
    assert "GiB" not in page


def test_a_window_with_a_margin_is_said_to_have_one(signed_in: Client) -> None:
    page = page_at(
        signed_in, f"{LLAMA}?card=h100-80gb&quantization=AWQ&window=131072&slots=4"
    )

    assert "so that it fits even if the estimate is 15% too low" in page
    assert "no longer one fits" not in page


def test_every_quantization_has_its_answer(signed_in: Client) -> None:
    page = page_at(signed_in, f"{LIST}qwen2.5-7b/?card=geforce-rtx-3060")

    assert "?card=geforce-rtx-3060&amp;quantization=Q8_0" in page
    assert "15.2 GB" in page


def test_servers_that_keep_no_such_file_get_the_nearest(signed_in: Client) -> None:
    page = page_at(signed_in, f"{LIST}qwen2.5-7b/?card=l4&quantization=Q4_K_M")

    assert "ollama pull qwen2.5:7b-instruct-q4_K_M" in page
    assert "vllm serve Qwen/Qwen2.5-7B-Instruct-AWQ" in page


def test_what_was_measured_corrects_the_catalogue(signed_in: Client) -> None:
    FitMeasurement.objects.create(
        mark="m",
        window=4096,
        engine="ollama",
        architecture="qwen2",
        quantization="Q4_K_M",
        cache="f16",
        slots=1,
        predicted=10**10,
        weights=0,
        measured=12 * 10**9,
        server="gpu-01",
    )

    assert "corrected by" in page_at(signed_in, f"{LIST}qwen2.5-7b/")
    assert "6.2 GB" in page_at(signed_in, LIST)


def test_a_model_can_be_pulled_from_its_page(signed_in: Client) -> None:
    page = page_at(signed_in, f"{LLAMA}?card=h100-80gb")

    assert "ollama pull llama3.1:70b" in page
    assert "/models/?pull=llama3.1%3A70b" in page


def test_what_is_to_be_pulled_stands_in_the_form(office: Client) -> None:
    page = page_at(office, "/models/?pull=llama3.1:8b")

    assert '<details class="pull-new" open>' in page


def test_an_unknown_model_is_not_there(signed_in: Client) -> None:
    page_at(signed_in, f"{LIST}nothing/", 404)


def test_an_administrator_adds_an_entry(office: Client) -> None:
    form = facts(slug="ours", name="Ours 7B")

    response = office.post(reverse("admin:models_app_catalogueentry_add"), form)

    assert response.status_code == 302
    assert [each.name for each in entries() if each.slug == "ours"] == ["Ours 7B"]
    assert "Ours 7B" in page_at(office, f"{LIST}ours/")


def test_what_is_wrong_with_an_entry_is_said_in_sentences(office: Client) -> None:
    form = facts(slug="ours", layers="many")

    response = office.post(reverse("admin:models_app_catalogueentry_add"), form)

    wrong = response.context["adminform"].form.errors
    said = "Write layers as a whole number from 0 on; “many” cannot be read as one."
    assert wrong == {"layers": [said]}
    assert 'value="many"' in response.content.decode()
    assert not CatalogueEntry.objects.exists()


SHAPE = {
    "model_type": "llama",
    "num_hidden_layers": 28,
    "num_attention_heads": 24,
    "num_key_value_heads": 8,
    "hidden_size": 3072,
    "head_dim": 128,
    "vocab_size": 128256,
    "max_position_embeddings": 8192,
}


def test_a_configuration_fills_the_facts_that_nobody_typed(office: Client) -> None:
    empty = dict.fromkeys(("layers", "heads", "kv_heads", "key_length"), "")
    form = facts(slug="ours", **empty, trained_context="131072")

    given = {**form, "config": json.dumps(SHAPE)}
    office.post(reverse("admin:models_app_catalogueentry_add"), given)

    (entry,) = (each for each in entries() if each.slug == "ours")
    assert (entry.layers, entry.heads, entry.kv_heads) == (28, 24, 8)
    assert (entry.key_length, entry.trained_context) == (128, 131072)


def test_what_is_no_configuration_is_said_at_its_field_and_kept(office: Client) -> None:
    form = facts(slug="ours", config="layers: 28")

    response = office.post(reverse("admin:models_app_catalogueentry_add"), form)

    page = response.content.decode()
    assert "That is no config.json" in page
    assert "layers: 28" in page
    assert not CatalogueEntry.objects.exists()


def test_an_entry_is_saved_again_as_it_was(office: Client) -> None:
    office.post(reverse("admin:models_app_catalogueentry_add"), facts())

    assert CatalogueEntry.objects.get().data == data_of(builtin_entries()[0])


def test_an_entry_of_the_house_stands_for_the_one_of_paddock(office: Client) -> None:
    form = facts(slug="qwen2.5-7b", name="Ours 7B")

    office.post(reverse("admin:models_app_catalogueentry_add"), form)

    page = page_at(office, LIST)
    assert "Ours 7B" in page
    assert "Qwen2.5 7B Instruct" not in page


def test_who_looks_after_the_catalogue_gets_from_an_entry_to_its_form(
    office: Client, signed_in: Client
) -> None:
    add = reverse("admin:models_app_catalogueentry_add") + "?slug=qwen2.5-7b"
    assert add in page_at(office, f"{LIST}qwen2.5-7b/")
    assert add not in page_at(signed_in, f"{LIST}qwen2.5-7b/")

    row = CatalogueEntry.objects.create(slug="qwen2.5-7b", data=data_of(OWN))

    change = reverse("admin:models_app_catalogueentry_change", args=[row.pk])
    assert change in page_at(office, f"{LIST}qwen2.5-7b/")


@pytest.mark.parametrize("data", [{}, {"name": "no facts"}])
def test_an_entry_of_paddock_is_hidden_or_gives_way(data: dict[str, Any]) -> None:
    CatalogueEntry.objects.create(slug="qwen2.5-7b", hidden=True, data=data)

    assert "qwen2.5-7b" not in [each.slug for each in entries()]
