"""The revisions of a preset, compared and brought back."""

import re

import pytest
from django.contrib.auth.models import Group, Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from dashboard.people.models import User
from models_app.modelfile.diff import diff
from models_app.models import Preset, PresetRevision
from models_app.services.presets import (
    Wanted,
    save_preset,
)
from tests.models_app.preset_pages.editing import (
    TEXT,
)

pytestmark = pytest.mark.django_db


def test_revisions_show_what_changed_and_come_back(
    office: Client, admin: User, preset: Preset
) -> None:
    newer = Wanted("Aide", TEXT.replace("brief", "kind"), note="Kinder.")
    save_preset(preset.pk, newer, based_on=1, by=admin)

    page = office.get(f"/presets/{preset.pk}/revisions/").content.decode()
    assert "Renamed from “Helper” to “Aide”." in page
    removed, added = page.split('is-removed"')[1], page.split('is-added"')[1]
    assert "Be brief." in removed.split("</tr>")[0]
    assert "Be kind." in added.split("</tr>")[0]
    assert "Kinder." in page

    office.post(f"/presets/{preset.pk}/revisions/1/restore/")

    assert Preset.objects.get().text == TEXT
    again = office.get(f"/presets/{preset.pk}/revisions/").content.decode()
    assert "revision 1 again" in again


def test_who_may_view_presets_in_the_admin_can_follow_its_link_to_the_revisions(
    signed_in: Client, person: User, preset: Preset
) -> None:
    preset.groups.add(Group.objects.create(name="others"))
    here = f"/presets/{preset.pk}/revisions/"
    before = signed_in.get(here).status_code

    person.user_permissions.add(Permission.objects.get(codename="view_preset"))

    assert (before, signed_in.get(here).status_code) == (404, 200)


@pytest.fixture
def long_history(preset: Preset) -> Preset:
    """A preset that was saved a hundred and twenty times more."""
    more = (
        PresetRevision(preset=preset, number=n, name=f"n{n}", text=f"FROM m{n}\n")
        for n in range(2, 122)
    )
    PresetRevision.objects.bulk_create(more)
    return preset


def test_a_long_history_is_paged(office: Client, long_history: Preset) -> None:
    page = office.get(f"/presets/{long_history.pk}/revisions/?page=2").content.decode()

    assert re.findall(r"number=(\d+)", page)[::49] == ["71", "22"]
    assert "Page 2 of 3, 121 revisions" in page


def test_the_page_of_a_history_is_that_of_the_revision_that_is_shown(
    office: Client, long_history: Preset
) -> None:
    here = f"/presets/{long_history.pk}/revisions/"

    page = office.get(f"{here}?number=21").content.decode()

    assert "Page 3 of 3" in page
    assert "From revision 20 to 21" in page


def test_a_history_reads_the_two_texts_that_it_compares(
    office: Client, long_history: Preset
) -> None:
    with CaptureQueriesContext(connection) as asked:
        office.get(f"/presets/{long_history.pk}/revisions/?number=60")

    texts = [each["sql"] for each in asked if 'presetrevision"."text"' in each["sql"]]
    assert len(texts) == 2
    assert all(each.endswith("LIMIT 1") for each in texts)


def test_a_long_text_is_compared_in_no_time() -> None:
    old = "\n".join(f"# {number % 7}" for number in range(30_000))

    lines = diff(old, old.replace("# 3", "# three"))

    assert lines
