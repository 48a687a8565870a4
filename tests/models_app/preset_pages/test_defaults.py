"""The preset that a new chat begins with."""

import re

import pytest
from django.test import Client

from dashboard.people.models import User
from models_app.models import Preset
from models_app.services.presets import (
    make_default,
)
from tests.models_app.preset_pages.editing import (
    TEXT,
    form_of,
    hidden_in,
)

pytestmark = pytest.mark.django_db


def test_a_save_leaves_the_default_to_whoever_decided_it_meanwhile(
    office: Client, admin: User, preset: Preset
) -> None:
    address = f"/presets/{preset.pk}/edit/"
    shown = hidden_in(office.get(address).content.decode(), "was_default")
    make_default(preset.pk, by=admin)

    form = form_of(preset, text=f"{TEXT}# More.\n", was_default=shown)
    response = office.post(address, form)

    assert response.status_code == 302
    assert Preset.objects.get().text.endswith("# More.\n")
    assert Preset.objects.get().is_default


def test_who_unticks_the_default_ends_it(
    office: Client, admin: User, preset: Preset
) -> None:
    address = f"/presets/{preset.pk}/edit/"
    make_default(preset.pk, by=admin)
    shown = hidden_in(office.get(address).content.decode(), "was_default")

    office.post(address, form_of(preset, was_default=shown))

    assert not Preset.objects.get().is_default


def test_a_form_that_comes_back_still_knows_how_its_box_stood(
    office: Client, preset: Preset
) -> None:
    form = form_of(preset, text="nonsense", was_default="False", default="on")

    page = office.post(f"/presets/{preset.pk}/edit/", form).content.decode()

    assert hidden_in(page, "was_default") == "False"
    assert re.search(r'name="default"\s+checked', page)


def test_the_default_is_made_and_ended(office: Client, preset: Preset) -> None:
    office.post(f"/presets/{preset.pk}/default/")
    assert Preset.objects.get().is_default

    office.post(f"/presets/{preset.pk}/default/", {"end": "1"})
    assert not Preset.objects.get().is_default
