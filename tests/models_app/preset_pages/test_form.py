"""The form of a preset's text, and the text, in step."""

from html import unescape

import pytest
from django.test import Client

from models_app.models import Preset
from tests.models_app.preset_pages.editing import TEXT, checked, form_of, text_in

pytestmark = pytest.mark.django_db


def test_a_check_shows_the_form_of_a_text(office: Client) -> None:
    page = checked(office, TEXT)

    assert 'name="field-temperature"\n               value="0.7"' in page
    assert text_in(page, "field-system") == "Be brief."
    assert "No errors." in page


def test_a_form_changes_the_lines_of_what_was_changed(office: Client) -> None:
    typed = TEXT.replace("# Kept.", "# Typed since.")
    fields = {"field-temperature": "0.2", "field-system": "Be brief.", "field-seed": ""}

    page = checked(office, typed, by="form", form_of=TEXT, **fields)

    wanted = typed.replace("temperature 0.7", "temperature 0.2")
    assert unescape(page.split("<textarea data-text hidden>\n")[1]) == (
        f"{wanted}</textarea>\n"
    )


def test_what_was_typed_since_the_form_was_made_stays(office: Client) -> None:
    typed = TEXT.replace("0.7", "0.9")

    page = checked(
        office,
        typed,
        by="form",
        form_of=TEXT,
        **{"field-temperature": "0.7", "field-top_k": "5"},
    )

    assert "temperature 0.9\nPARAMETER top_k 5" in page


def test_a_form_does_not_follow_a_text_that_cannot_be_read(office: Client) -> None:
    page = checked(office, 'FROM a\nSYSTEM """\nnever closed')

    assert "Mend the marked lines first" in page
    assert "disabled" in page
    assert "Mend the marked" not in checked(office, "PARAMETER temperature hot")


def test_what_no_modelfile_can_hold_is_told_at_the_form(office: Client) -> None:
    bad = 'a"""\nb"c'

    page = checked(office, TEXT, by="form", **{"field-system": bad})

    assert "The text of SYSTEM cannot be written" in page
    assert unescape(page).endswith(f"{TEXT}</textarea>\n")


def test_without_javascript_the_form_goes_into_the_text(
    office: Client, preset: Preset
) -> None:
    form = form_of(preset, do="apply", form_of=TEXT, **{"field-temperature": "0.1"})

    page = office.post(f"/presets/{preset.pk}/edit/", form).content.decode()

    assert "temperature 0.1" in text_in(page)
    assert Preset.objects.get().text == TEXT


def test_what_stands_in_the_form_is_saved_with_the_text(
    office: Client, preset: Preset
) -> None:
    form = form_of(preset, form_of=TEXT, **{"field-temperature": "0.2"})

    office.post(f"/presets/{preset.pk}/edit/", form)

    assert "PARAMETER temperature 0.2" in Preset.objects.get().text
    assert "# Kept." in Preset.objects.get().text


BAD = 'a"""\nb"c'
"""A system prompt that no Modelfile can hold."""


@pytest.mark.parametrize("do", ["save", "apply"])
def test_what_a_text_cannot_hold_stands_in_the_form_as_it_was_typed(
    office: Client, preset: Preset, do: str
) -> None:
    form = form_of(preset, do=do, form_of=TEXT, **{"field-system": BAD})

    page = office.post(f"/presets/{preset.pk}/edit/", form).content.decode()

    assert "The text of SYSTEM cannot be written" in unescape(page)
    assert text_in(page, "field-system") == BAD
    assert text_in(page) == TEXT


def test_what_was_typed_into_the_form_is_there_after_a_check(
    office: Client, preset: Preset
) -> None:
    form = form_of(preset, do="check", form_of=TEXT, **{"field-system": "Be kind."})

    page = office.post(f"/presets/{preset.pk}/edit/", form).content.decode()

    assert text_in(page, "field-system") == "Be kind."
    assert text_in(page) == TEXT
