"""The editor of presets: what is saved, and what comes back."""

import re

import pytest
from django.contrib.auth.models import Group, Permission
from django.test import Client

from dashboard.people.models import User
from models_app.models import Preset
from models_app.services.presets import (
    Wanted,
    add_preset,
    save_preset,
)
from tests.make import make_preset
from tests.models_app.preset_pages.editing import (
    BY_HAND,
    TEXT,
    form_of,
    text_in,
)

pytestmark = pytest.mark.django_db


def test_a_save_is_in_use_at_once_with_its_note(office: Client, preset: Preset) -> None:
    form = form_of(preset, text=f"{TEXT}PARAMETER seed 7\n", note="Repeatable.")

    response = office.post(f"/presets/{preset.pk}/edit/", form)

    assert response.status_code == 302
    saved = Preset.objects.get()
    assert saved.parameters == {"temperature": 0.7, "seed": 7}
    assert saved.revisions.first().note == "Repeatable."  # type: ignore[union-attr]


def test_an_error_stands_beside_its_line_and_nothing_is_lost(
    office: Client, preset: Preset
) -> None:
    wrong = TEXT.replace("0.7", "hot")

    response = office.post(f"/presets/{preset.pk}/edit/", form_of(preset, text=wrong))

    page = response.content.decode()
    assert response.status_code == 422
    assert text_in(page) == wrong
    marked = page.split('code-line is-bad"')[1].split("</li>")[0]
    assert "PARAMETER temperature hot" in marked
    assert "temperature wants one number" in marked
    assert Preset.objects.get().text == TEXT


def test_two_who_edit_at_once_see_both_texts(
    office: Client, admin: User, preset: Preset
) -> None:
    theirs = Wanted("Helper", TEXT.replace("brief", "slow"))
    save_preset(preset.pk, theirs, based_on=1, by=admin)
    mine = TEXT.replace("brief", "kind")

    response = office.post(f"/presets/{preset.pk}/edit/", form_of(preset, text=mine))

    page = response.content.decode()
    assert response.status_code == 422
    assert "ada has saved this preset while you edited it" in page
    assert text_in(page) == mine
    assert "Be slow." in page
    assert re.search(r'name="based_on"\s+value="2"', page)


def test_a_new_preset_begins_with_a_model(office: Client) -> None:
    page = office.get("/presets/new/?model=llama3.2").content.decode()
    assert text_in(page) == "FROM llama3.2\n"

    form = {"name": "New", "text": "FROM a", "enabled": "on", "default": "on"}
    response = office.post("/presets/new/", form)

    assert response.status_code == 302
    assert Preset.objects.get(name="New").is_default


def test_what_somebody_saves_for_others_they_still_see(
    client: Client, person: User
) -> None:
    person.user_permissions.add(Permission.objects.get(codename="add_preset"))
    client.force_login(person, backend=BY_HAND)
    others = Group.objects.create(name="others")
    form = {"name": "New", "text": "FROM a", "groups": str(others.pk)}

    page = client.post("/presets/new/", form, follow=True).content.decode()

    assert "Saved for others. You are in none of these groups" in page
    assert "FROM" in page
    assert "New" in client.get("/presets/").content.decode()


def test_what_somebody_else_saved_for_others_is_not_there(
    signed_in: Client, admin: User
) -> None:
    others = Group.objects.create(name="others")
    wanted = Wanted("New", "FROM a", groups=frozenset({others.pk}))
    number = add_preset(wanted, by=admin)

    assert signed_in.get(f"/presets/{number}/").status_code == 404


def test_a_name_that_is_taken_gives_the_text_back(office: Client) -> None:
    make_preset(name="Helper")

    response = office.post("/presets/new/", {"name": "Helper", "text": "FROM mine"})

    assert response.status_code == 422
    assert text_in(response.content.decode()) == "FROM mine"


def test_a_copy_opens_in_the_editor_unsaved(office: Client, preset: Preset) -> None:
    preset.groups.add(group := Group.objects.create(name="writers"))

    page = office.get(f"/presets/new/?copy={preset.pk}").content.decode()

    assert text_in(page) == TEXT
    assert all(each in page for each in ('value="Helper 2"', 'value="🦉"', "It helps."))
    assert re.search(rf'value="{group.pk}"\s+checked', page)
    assert [each.name for each in Preset.objects.all()] == ["Helper"]


def test_a_preset_of_others_is_not_copied(
    client: Client, person: User, preset: Preset
) -> None:
    preset.groups.add(Group.objects.create(name="others"))
    person.user_permissions.add(Permission.objects.get(codename="add_preset"))
    client.force_login(person, backend=BY_HAND)

    assert client.get(f"/presets/new/?copy={preset.pk}").status_code == 404


def test_a_new_preset_opens_without_an_error(office: Client) -> None:
    page = office.get("/presets/new/").content.decode()

    assert "Write the name of a model after FROM" in page
    assert "is-bad" not in page
    assert 'aria-invalid="true"' not in page
    assert office.post("/presets/new/", {"text": "FROM \n"}).status_code == 422


def test_a_refused_save_keeps_the_saved_name_as_title(
    office: Client, preset: Preset
) -> None:
    make_preset(name="Other")
    form = form_of(preset, name="Other")

    page = office.post(f"/presets/{preset.pk}/edit/", form).content.decode()

    assert "<h1>Edit Helper</h1>" in page
    assert "There is a preset of that name already. Choose another name" in page


def test_a_save_tells_the_browser_which_draft_it_was(
    office: Client, preset: Preset
) -> None:
    here = f"/presets/{preset.pk}/"

    saved = office.post(f"{here}edit/", form_of(preset, draft="new-7"))
    odd = office.post(f"{here}edit/", form_of(preset, draft="x&y", based_on="2"))

    assert saved["Location"] == f"{here}?saved=new-7"
    assert odd["Location"] == here
