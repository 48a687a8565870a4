"""Presets that come from a file, or leave as one."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from models_app.models import Preset
from tests.make import make_preset
from tests.models_app.preset_pages.editing import (
    TEXT,
    text_in,
)

pytestmark = pytest.mark.django_db


def test_a_preset_leaves_as_a_file(signed_in: Client, preset: Preset) -> None:
    response = signed_in.get(f"/presets/{preset.pk}/export/")

    assert response.content.decode() == TEXT
    assert response["Content-Disposition"] == 'attachment; filename="Helper.Modelfile"'


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_a_file_opens_in_the_editor(office: Client, encoding: str) -> None:
    content = "FROM tiny\r\nSYSTEM Héllo\r\n".encode(encoding)
    file = SimpleUploadedFile("Helper.Modelfile", content)

    page = office.post("/presets/import/", {"file": file}).content.decode()

    assert text_in(page) == "FROM tiny\nSYSTEM Héllo\n"
    assert 'value="Helper"' in page
    assert not Preset.objects.exists()


def test_a_file_that_is_not_utf_8_is_remarked_at_its_place(office: Client) -> None:
    file = SimpleUploadedFile("x", "FROM tiny\nSYSTEM Héllo\n".encode("latin-1"))

    page = office.post("/presets/import/", {"file": file}).content.decode()

    assert re.search(r'data-line="2"\s+data-column="9"', page)
    assert "stands for bytes that are not UTF-8" in page
    assert "No errors." not in page


def test_an_import_of_nothing_says_what_to_do(office: Client) -> None:
    response = office.post("/presets/import/", {"pasted": " "})

    assert response.status_code == 422
    assert b"Choose a file, or paste a text." in response.content


def test_a_file_that_is_too_long_is_refused(office: Client) -> None:
    file = SimpleUploadedFile("x", b"#" * 200_001)

    response = office.post("/presets/import/", {"file": file})

    assert b"too long for a Modelfile" in response.content


@pytest.mark.parametrize("name", ["???", "🙂", "..", "Two words"])
def test_a_preset_of_any_name_leaves_as_a_file(signed_in: Client, name: str) -> None:
    preset = make_preset(name=name, text=TEXT)

    response = signed_in.get(f"/presets/{preset.pk}/export/")

    assert response.status_code == 200
    assert ".Modelfile" in response["Content-Disposition"]
