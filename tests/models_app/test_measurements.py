"""Shapes that servers tell, and what real loads teach the estimates."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from dashboard.live.db import in_db
from models_app.fit.load import Engine
from models_app.health import look_at
from models_app.models import Backend, FitMeasurement, LanguageModel, ModelShape
from models_app.services.backends import Look, note_look
from models_app.services.measurements import (
    calibration,
    keep_shape,
    load_of,
    marks_without_shape,
    measure_loads,
    shape_for,
)
from models_app.services.new_backends import save_backend
from tests.fakes.ollama import ollama
from tests.fakes.ollama_state import FakeOllama
from tests.make import make_backend, make_model


@pytest.fixture
def told() -> dict[str, Any]:
    """What an Ollama tells of a Llama of eight billion parameters."""
    about = {
        "general.architecture": "llama",
        "general.parameter_count": 8_030_261_248,
        "llama.block_count": 32,
        "llama.attention.head_count": 32,
        "llama.attention.head_count_kv": 8,
        "llama.embedding_length": 4096,
        "llama.feed_forward_length": 14_336,
        "llama.context_length": 131_072,
        "llama.vocab_size": 128_256,
    }
    return {"model_info": about, "details": {"quantization_level": "Q4_K_M"}}


@pytest.fixture
def model(db: None) -> LanguageModel:
    return make_model(
        "llama3.1:8b",
        backend=make_backend(kind="ollama", name="gpu-01"),
        mark="abc",
        quantization="Q4_K_M",
        window=8192,
        loaded=True,
        memory=6_700_000_000,
        card_memory=6_700_000_000,
    )


def test_a_real_load_stands_beside_what_was_predicted(
    model: LanguageModel, told: dict[str, Any]
) -> None:
    keep_shape("abc", told)

    measure_loads(model.backend_id)
    measure_loads(model.backend_id)

    row = FitMeasurement.objects.get()
    assert row.measured == 6_700_000_000
    assert abs(row.predicted / 6.3 / 2**30 - 1) < 0.05


def test_what_was_measured_corrects_the_same_family(
    model: LanguageModel, told: dict[str, Any]
) -> None:
    keep_shape("abc", told)
    measure_loads(model.backend_id)
    shape = shape_for(model)
    assert shape

    learned = calibration()

    load = load_of(model, Engine.OLLAMA)
    assert learned.measured(shape, load) == 6_700_000_000
    correction = learned.correction(shape, load)
    assert correction
    assert correction.sure
    assert 0.85 <= correction.factor <= 1.3


def test_a_load_of_hardly_a_window_is_not_measured(
    model: LanguageModel, told: dict[str, Any]
) -> None:
    keep_shape("abc", told)
    LanguageModel.objects.update(window=3)

    measure_loads(model.backend_id)

    assert not FitMeasurement.objects.exists()


FOUR = 10_000_000_000
"""What the model takes with four slots of 8,192 tokens; 6.8 GB are predicted for one."""


def test_a_load_as_large_as_several_slots_teaches_nothing_while_nobody_says_so(
    model: LanguageModel, told: dict[str, Any]
) -> None:
    keep_shape("abc", told)
    LanguageModel.objects.update(memory=FOUR)

    measure_loads(model.backend_id)

    row = FitMeasurement.objects.get()
    assert (row.slots, row.stated, row.seeming) == (1, False, 4)
    assert calibration().measurements == ()


def test_what_an_administrator_says_of_the_slots_is_reckoned_with(
    model: LanguageModel, told: dict[str, Any]
) -> None:
    keep_shape("abc", told)
    LanguageModel.objects.update(memory=FOUR)
    Backend.objects.update(slots=4)

    measure_loads(model.backend_id)

    row = FitMeasurement.objects.get()
    assert (row.slots, row.stated, row.seeming) == (4, True, None)
    assert [
        abs((each.ratio or 0) - 1) < 0.05 for each in calibration().measurements
    ] == [True]


def test_a_large_load_teaches_where_somebody_says_that_it_has_one_slot(
    model: LanguageModel, told: dict[str, Any]
) -> None:
    keep_shape("abc", told)
    LanguageModel.objects.update(memory=FOUR)
    Backend.objects.update(slots=1)

    measure_loads(model.backend_id)

    assert [each.ratio for each in calibration().measurements] == [1.3]


def test_what_writes_no_replies_has_one_slot_whatever_is_said(
    model: LanguageModel, told: dict[str, Any]
) -> None:
    keep_shape("abc", told)
    LanguageModel.objects.update(chats=False)
    Backend.objects.update(slots=4)

    measure_loads(model.backend_id)

    row = FitMeasurement.objects.get()
    assert (row.slots, row.stated) == (1, True)


def test_saying_how_many_slots_a_server_has_unlearns_what_was_measured_there(
    model: LanguageModel, told: dict[str, Any]
) -> None:
    keep_shape("abc", told)
    measure_loads(model.backend_id)
    backend = Backend.objects.get()

    save_backend(backend)
    kept = FitMeasurement.objects.count()
    backend.slots, backend.name = 2, "renamed"
    save_backend(backend)

    assert (kept, FitMeasurement.objects.count()) == (1, 0)


def test_a_load_that_is_not_known_teaches_nothing(model: LanguageModel) -> None:
    measure_loads(model.backend_id)

    assert not FitMeasurement.objects.exists()


def test_a_shape_is_asked_for_once(db: None) -> None:
    keep_shape("known", {})

    assert marks_without_shape(["known", "", "new"]) == ["new"]


@pytest.fixture
def fake() -> Iterator[FakeOllama]:
    with ollama() as fake:
        fake.hold("tiny", size=1_000_000)
        yield fake


@pytest.mark.django_db(transaction=True)
async def test_a_look_brings_the_shape_of_a_new_model(fake: FakeOllama) -> None:
    backend = await in_db(make_backend)(kind="ollama", base_url=fake.url)

    look = await look_at(backend)

    assert next(iter(look.shapes.values()))["model_info"]


def test_what_a_look_brings_is_kept(model: LanguageModel, told: dict[str, Any]) -> None:
    look = Look(kind="ollama", models=(), shapes={"abc": told})

    note_look(model.backend, look)

    assert ModelShape.objects.get().mark == "abc"


def test_the_page_of_a_fit_shows_both_numbers(
    signed_in: Client, model: LanguageModel, told: dict[str, Any]
) -> None:
    keep_shape("abc", told)
    measure_loads(model.backend_id)

    page = signed_in.get(f"/models/{model.pk}/fit/").content.decode()

    assert "Measured with this model and this window." in page
    assert "6.7 GB" in page
    assert "What it really took" in page


def test_a_server_says_which_card_it_has(
    signed_in: Client, model: LanguageModel, told: dict[str, Any]
) -> None:
    keep_shape("abc", told)
    Backend.objects.update(card="geforce-rtx-3060", card_count=2)

    page = signed_in.get(f"/models/{model.pk}/fit/?window=4096").content.decode()

    assert "2 × GeForce RTX 3060" in page


def test_without_a_shape_the_catalogue_stands_in_by_name(
    signed_in: Client, model: LanguageModel
) -> None:
    page = signed_in.get(f"/models/{model.pk}/fit/").content.decode()

    assert "Its server does not tell what it is made of" in page
    assert "taken for Llama 3.1 8B Instruct of the catalogue" in page
