"""What the picker offers, and how it tells what is away or busy."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from chat.pages import choices
from chat.picker import options_for
from dashboard.people.models import User
from models_app.models import Backend, Restriction, Revision
from models_app.services.backends import models_changed
from models_app.snapshot import forget, look_anew
from tests.make import make_backend, make_model, make_preset

pytestmark = pytest.mark.django_db


def test_a_model_is_offered_with_its_servers(person: User) -> None:
    for number in range(5):
        make_model("tiny", backend=make_backend(name=f"gpu-{number}"))

    options = options_for(person, chosen="model:tiny")

    assert '<option value="model:tiny" selected>' in options
    assert "tiny · gpu-0, gpu-1, gpu-2 +2</option>" in options


def test_names_are_escaped(person: User) -> None:
    make_model('<b>"tiny"&', backend=make_backend(name="<i>"))

    options = options_for(person, chosen='model:<b>"tiny"&')

    assert "<b>" not in options
    assert "<i>" not in options
    assert options.count(" selected>") == 1


def test_a_model_that_is_away_is_greyed_with_its_age(person: User) -> None:
    seen = timezone.now() - timedelta(minutes=5, seconds=1)
    away = make_backend(name="gpu", failure_code="backend_unreachable", seen_at=seen)
    make_model("tiny", backend=away)

    options = options_for(person, chosen="")

    assert 'class="away" data-ages>tiny · gpu (away, seen 5\xa0minutes ago)' in options


def test_those_who_wait_are_counted(person: User) -> None:
    make_model("tiny", backend=make_backend(name="gpu", running=4, waiting=2))

    assert "tiny · gpu (2 waiting)</option>" in options_for(person, chosen="")


def test_a_model_whose_servers_are_drained_says_so(person: User) -> None:
    drained = make_backend(name="gpu-1", draining=True)
    make_model("tiny", backend=drained)
    make_model("shared", backend=drained)
    make_model("shared", backend=make_backend(name="gpu-2"))

    options = options_for(person, chosen="")

    assert "tiny · gpu-1 (takes nothing new)</option>" in options
    assert "shared · gpu-1, gpu-2</option>" in options


def test_each_language_has_its_own_words(person: User) -> None:
    make_preset(model="tiny")
    make_model("tiny")

    with translation.override("zh-hans"):
        chinese = options_for(person, chosen="")

    assert "预设" in chinese
    assert "Presets" in options_for(person, chosen="")


def test_what_is_not_for_a_person_is_not_offered(person: User) -> None:
    make_model("tiny")
    Restriction.objects.create(model="tiny")

    assert options_for(person, chosen="model:tiny") == ""


@pytest.mark.django_db(transaction=True)
def test_a_page_that_was_told_of_a_change_is_shown_it_at_once(
    signed_in: Client,
) -> None:
    """Another process has made the change: here, nothing was forgotten."""
    model = make_model("tiny")
    assert b"tiny" in signed_in.get(reverse("picker")).content
    Backend.objects.update(enabled=False)
    models_changed()

    assert b"tiny" not in signed_in.get(reverse("picker")).content
    assert model.listed


def test_what_another_process_counted_is_read_anew(person: User) -> None:
    make_model("tiny")
    assert options_for(person, chosen="")

    Backend.objects.update(enabled=False)
    Revision.objects.create(pk=Revision.ONLY, number=7)
    assert options_for(person, chosen="")
    look_anew()
    assert options_for(person, chosen="") == ""


def test_a_model_that_is_spelt_otherwise_now_is_still_chosen(person: User) -> None:
    make_model("llama3.2", backend=make_backend(name="a"))
    make_model("llama3.2:latest", backend=make_backend(name="b"))

    picked = choices(person, "model:llama3.2:latest")

    assert picked["gone"] == ""
    assert 'value="model:llama3.2" selected' in str(picked["options"])


def test_an_embedding_model_is_not_offered(person: User) -> None:
    make_model("vectors", chats=False)
    forget()

    assert options_for(person, chosen="") == ""
