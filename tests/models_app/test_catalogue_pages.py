"""The pages of the catalogue: what fits, what helps, what to type, and our own entries."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from dashboard.people.models import User
from models_app.admin.catalogue import _written
from models_app.catalogue.builtin import builtin_entries
from models_app.catalogue.validation import data_of
from models_app.catalogue_entries import entries
from models_app.models import CatalogueEntry

pytestmark = pytest.mark.django_db
LIST = "/models/catalogue/"
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
    assert 'value="many"' in page
    assert "Qwen2.5 7B Instruct" in page


def test_a_model_that_does_not_fit_comes_with_what_helps(signed_in: Client) -> None:
    page = page_at(signed_in, f"{LLAMA}?card=geforce-rtx-4090&ram=64")

    assert "What helps, the cheapest first" in page
    assert "layers on the card" in page


def test_over_two_cards_it_fits_and_vllm_is_told_so(signed_in: Client) -> None:
    page = page_at(signed_in, f"{LLAMA}?card=h100-80gb&count=2&quantization=FP8")

    assert "state-ok" in page
    assert "--tensor-parallel-size 2" in page


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

    assert response.status_code == 200
    assert "many" in response.content.decode()
    assert not CatalogueEntry.objects.exists()


@pytest.mark.parametrize("data", [{}, {"name": "no facts"}])
def test_an_entry_of_paddock_is_hidden_or_gives_way(data: dict[str, Any]) -> None:
    CatalogueEntry.objects.create(slug="qwen2.5-7b", hidden=True, data=data)

    assert "qwen2.5-7b" not in [each.slug for each in entries()]
