"""The page that says whether a model that is there fits."""

import re

import pytest
from django.contrib.auth.models import Group
from django.test import Client

from dashboard.people.models import User
from models_app.models import Backend, FitMeasurement, LanguageModel, ModelShape
from tests.make import make_backend, make_model
from tests.models_app.shown import NAME
from tests.recordings import recorded_case

pytestmark = pytest.mark.django_db
GIB = 2**30


@pytest.fixture
def office(client: Client, admin: User) -> Client:
    client.force_login(admin, backend="django.contrib.auth.backends.ModelBackend")
    return client


def there(name: str = "qwen2.5:7b", **fields: object) -> LanguageModel:
    """A model of a server with one small card, unless told otherwise."""
    server: dict[str, object] = {"kind": "ollama", "card": "geforce-rtx-3060"}
    server |= {each: fields.pop(each) for each in ("card", "kind") if each in fields}
    backend = make_backend(name="gpu-01", **server)
    facts = {"quantization": "Q4_K_M", "mark": "m", "context": 32768, **fields}
    return make_model(name, backend=backend, **facts)


def page_of(
    client: Client, model: LanguageModel, query: str = "", status: int = 200
) -> str:
    response = client.get(f"/models/{model.pk}/fit/?{query}")
    assert response.status_code == status
    return response.content.decode()


def measured(model: LanguageModel, **fields: object) -> FitMeasurement:
    facts = {
        "server": model.backend.name,
        "mark": model.mark,
        "window": 8192,
        "engine": "ollama",
        "architecture": "qwen2",
        "quantization": "Q4_K_M",
        "cache": "f16",
        "slots": 1,
        "predicted": round(6.3 * GIB),
        "weights": round(5 * GIB),
        "measured": round(6.1 * GIB),
    }
    return FitMeasurement.objects.create(**{**facts, **fields})


def test_a_model_is_held_against_the_card_of_its_server(signed_in: Client) -> None:
    page = page_of(signed_in, there())

    assert "It fits: with a window of 8,192 tokens" in page
    assert "on GeForce RTX 3060" in page
    assert "taken for Qwen2.5 7B Instruct of the catalogue" in page


@pytest.mark.parametrize("query", ["", "fragment=1"])
def test_how_it_is_loaded_is_never_told_to_be_wrong(
    signed_in: Client, query: str
) -> None:
    model = there(window=3, loaded=True, card="apple-silicon-36-gb")
    Backend.objects.update(card_count=2, slots=2000)

    assert "A window has at least" not in page_of(signed_in, model, query)


def test_a_load_of_hardly_a_window_is_not_among_the_real_ones(
    signed_in: Client,
) -> None:
    model = there()
    measured(model, window=3)

    assert "Nothing was measured yet" in page_of(signed_in, model)


def test_another_machine_and_window_can_be_tried(signed_in: Client) -> None:
    model = there("llama3.1:70b")

    small = page_of(signed_in, model, "window=4096")
    large = page_of(signed_in, model, "card=h100-80gb&window=4096")

    assert "What helps, the cheapest first" in small
    assert "It fits: with a window of 4,096 tokens" in large


def test_where_no_card_is_known_the_need_is_told_and_one_can_be_chosen(
    signed_in: Client,
) -> None:
    page = page_of(signed_in, there(card=""))

    assert "Paddock does not know the card of gpu-01 yet." in page
    assert "Choose a card to see whether it fits." in page
    assert "It fits" not in page
    assert "The largest window that fits" not in page
    # The bar is as long as the need.
    drawn = re.search(r'fit-weights" x="0.0" y="0" width="(\d+)', page)
    assert drawn
    assert int(drawn[1]) > 700


def test_a_shape_that_the_server_told_counts_before_the_catalogue(
    signed_in: Client,
) -> None:
    model = there(NAME, size=105454459, context=8192)
    shown = recorded_case("real-ollama-show.json", "show")["body"]
    ModelShape.objects.create(mark="m", told=shown)

    page = page_of(signed_in, model)

    assert "Its server told what it is made of." in page
    assert "It fits" in page


def test_of_a_model_that_nobody_knows_the_missing_inputs_are_named(
    signed_in: Client,
) -> None:
    page = page_of(signed_in, there("ours", size=4 * GIB))

    assert "Whether it fits cannot be said" in page
    assert "how many layers it has" in page
    assert "the size of its weights" not in page


def test_what_was_estimated_and_what_was_measured_stand_together(
    signed_in: Client,
) -> None:
    model = there()
    measured(model)

    page = page_of(signed_in, model)

    assert "estimated 6.8 GB, measured 6.5 GB on gpu-01" in page_of(
        signed_in, model, "fragment=1"
    )
    assert "What it really took" in page
    assert "Measured with this model and this window." in page
    assert "it needs 6.5 GB" in page


ONE, SEVERAL = "reckoned for one reply at once", "as much as 4 replies at once would"


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({}, ONE),
        ({"seeming": 4}, SEVERAL),
        ({"stated": True, "slots": 4}, "reckoned for 4 replies at once, as an adm"),
    ],
)
@pytest.mark.parametrize("query", ["", "fragment=1"])
def test_beside_what_was_measured_stands_for_how_many_slots_it_was_reckoned(
    signed_in: Client, said: dict[str, object], sentence: str, query: str
) -> None:
    model = there()
    measured(model, **said)

    page = page_of(signed_in, model, query)

    assert sentence in page
    assert ("An administrator can say for how many." in page) != bool("stated" in said)


def test_one_slot_that_somebody_has_stated_is_no_news(signed_in: Client) -> None:
    model = there()
    measured(model, stated=True)

    assert "at once, as" not in page_of(signed_in, model)


def test_an_administrator_is_led_to_where_slots_are_stated(office: Client) -> None:
    model = there()
    measured(model, seeming=4)

    page = page_of(office, model)

    assert 'href="/admin/models_app/backend/?q=gpu-01">Say for how many' in page


def test_a_model_is_reckoned_for_as_many_slots_as_its_server_has(
    signed_in: Client,
) -> None:
    model = there()
    Backend.objects.update(slots=3)

    page = page_of(signed_in, model)

    assert re.search(r'name="slots"[^>]*value="3"|value="3"[^>]*name="slots"', page)


def test_what_like_models_took_corrects_an_estimate(signed_in: Client) -> None:
    model = there()
    measured(model, mark="another", predicted=10 * GIB, measured=11 * GIB)

    page = page_of(signed_in, model)

    assert "all but the weights corrected by what like models really took" in page
    assert "Nothing was measured yet" in page


def test_a_server_that_is_not_theirs_is_not_named(signed_in: Client) -> None:
    model, secret = there(), make_backend(name="secret-01")
    secret.groups.add(Group.objects.create(name="others"))
    measured(model, server=secret.name)

    assert "secret-01" not in page_of(signed_in, model)


def test_a_window_that_is_no_number_is_said_and_kept(signed_in: Client) -> None:
    page = page_of(signed_in, there(), "window=wide", 422)

    assert "Write a whole number." in page
    assert 'value="wide"' in page
    assert "It fits: with a window of 8,192 tokens" in page


def test_the_page_of_a_model_says_in_short_whether_it_fits(signed_in: Client) -> None:
    model = there()

    page = signed_in.get(f"/models/{model.pk}/").content.decode()
    fragment = page_of(signed_in, model, "fragment=1")

    assert fragment in page
    assert f'href="/models/{model.pk}/fit/"' in fragment


def test_a_model_of_a_server_of_others_is_not_there(signed_in: Client) -> None:
    model = there()
    model.backend.groups.add(Group.objects.create(name="others"))

    page_of(signed_in, model, status=404)


@pytest.mark.parametrize("kind", ["vllm", "lmstudio", "llamacpp", "openai"])
def test_every_kind_of_server_has_its_answer(signed_in: Client, kind: str) -> None:
    model = there("Qwen/Qwen2.5-7B-Instruct", kind=kind, quantization="")

    assert "state-" in page_of(signed_in, model, "card=h100-80gb")
