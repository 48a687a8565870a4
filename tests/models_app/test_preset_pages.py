"""The pages of presets: read, edited in two ways at once, imported, compared."""

import re
from html import unescape

import pytest
from django.contrib.auth.models import Group, Permission
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from dashboard.people.models import User
from models_app.modelfile.diff import diff
from models_app.models import Preset, PresetRevision, Restriction
from models_app.services.presets import (
    Wanted,
    add_preset,
    make_default,
    save_preset,
)
from tests.make import make_backend, make_model, make_person, make_preset

pytestmark = pytest.mark.django_db

BY_HAND = "django.contrib.auth.backends.ModelBackend"
TEXT = """\
# Kept.
FROM tiny
PARAMETER temperature 0.7
SYSTEM Be brief.
"""


@pytest.fixture
def office(client: Client, admin: User) -> Client:
    client.force_login(admin, backend=BY_HAND)
    return client


@pytest.fixture
def preset() -> Preset:
    return make_preset(name="Helper", text=TEXT, icon="🦉", description="It helps.")


def form_of(preset: Preset, **changes: str) -> dict[str, str]:
    form = {"name": preset.name, "icon": preset.icon, "text": preset.text}
    return {**form, "enabled": "on", "based_on": "1", **changes}


def text_in(page: str, name: str = "text") -> str:
    found = re.search(
        rf'<textarea[^>]*\bname="{name}"[^>]*>\n(.*?)</textarea>', page, re.S
    )
    assert found
    return unescape(found[1])


def hidden_in(page: str, name: str) -> str:
    found = re.search(rf'<input type="hidden" name="{name}" value="(\w+)"', page)
    assert found
    return found[1]


def test_a_person_is_shown_the_presets_for_them(
    signed_in: Client, preset: Preset
) -> None:
    make_model("tiny", backend=make_backend(name="gpu-01"))
    make_preset(name="Theirs").groups.add(Group.objects.create(name="others"))
    make_preset(name="Off", enabled=False)

    page = signed_in.get("/presets/").content.decode()

    assert all(each in page for each in ("Helper", "🦉", "It helps.", "gpu-01"))
    assert f"/?target=preset%3A{preset.pk}" in page
    assert "Theirs" not in page
    assert ">Off<" not in page
    assert "Edit" not in page


@pytest.mark.parametrize("path", ["", "export/", "revisions/"])
def test_a_preset_of_others_is_not_there(
    signed_in: Client, preset: Preset, path: str
) -> None:
    preset.groups.add(Group.objects.create(name="others"))

    assert signed_in.get(f"/presets/{preset.pk}/{path}").status_code == 404


def test_the_page_of_a_preset_tells_what_each_server_leaves_undone(
    signed_in: Client,
) -> None:
    make_model("tiny", backend=make_backend(name="gpu-01", kind="vllm"))
    make_backend(name="gpu-02", kind="ollama")
    preset = make_preset(text="FROM tiny\nPARAMETER num_ctx 4096")

    page = signed_in.get(f"/presets/{preset.pk}/").content.decode()

    assert "1 line not heeded" in page
    assert "vLLM takes num_ctx only when it starts or loads the model" in page
    assert page.index("gpu-01") < page.index("gpu-02")
    assert "does not have the model" in page


def test_who_edits_presets_is_not_offered_a_chat_that_is_for_others(
    client: Client, person: User, preset: Preset
) -> None:
    make_model("tiny")
    preset.groups.add(Group.objects.create(name="others"))
    person.user_permissions.add(Permission.objects.get(codename="change_preset"))
    client.force_login(person, backend=BY_HAND)

    page = client.get(f"/presets/{preset.pk}/").content.decode()

    assert ">Edit</a>" in page
    assert "?target=" not in page


def test_a_preset_leaves_as_a_file(signed_in: Client, preset: Preset) -> None:
    response = signed_in.get(f"/presets/{preset.pk}/export/")

    assert response.content.decode() == TEXT
    assert response["Content-Disposition"] == 'attachment; filename="Helper.Modelfile"'


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


def test_a_name_that_is_taken_gives_the_text_back(office: Client) -> None:
    make_preset(name="Helper")

    response = office.post("/presets/new/", {"name": "Helper", "text": "FROM mine"})

    assert response.status_code == 422
    assert text_in(response.content.decode()) == "FROM mine"


def checked(client: Client, text: str, **more: str) -> str:
    page = client.post("/presets/check/", {"text": text, **more})
    assert page.status_code == 200
    return page.content.decode()


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


def test_what_stands_in_the_form_is_saved_with_the_text(
    office: Client, preset: Preset
) -> None:
    form = form_of(preset, form_of=TEXT, **{"field-temperature": "0.2"})

    office.post(f"/presets/{preset.pk}/edit/", form)

    assert "PARAMETER temperature 0.2" in Preset.objects.get().text
    assert "# Kept." in Preset.objects.get().text


@pytest.mark.parametrize("name", ["???", "🙂", "..", "Two words"])
def test_a_preset_of_any_name_leaves_as_a_file(signed_in: Client, name: str) -> None:
    preset = make_preset(name=name, text=TEXT)

    response = signed_in.get(f"/presets/{preset.pk}/export/")

    assert response.status_code == 200
    assert ".Modelfile" in response["Content-Disposition"]


def test_a_preset_of_a_model_that_is_for_others_is_not_there(
    signed_in: Client, preset: Preset
) -> None:
    Restriction.objects.create(model="tiny")

    assert "Helper" not in signed_in.get("/presets/").content.decode()
    assert signed_in.get(f"/presets/{preset.pk}/").status_code == 404


@pytest.mark.parametrize(
    "address", ["/models/?server=", "/presets/{pk}/revisions/?number="]
)
@pytest.mark.parametrize("number", ["9" * 30, "9" * 4400, "²", "-1"])
def test_no_number_breaks_a_page(
    office: Client, preset: Preset, address: str, number: str
) -> None:
    response = office.get(address.format(pk=preset.pk) + number)

    assert response.status_code in (200, 404)


def test_a_long_text_is_compared_in_no_time() -> None:
    old = "\n".join(f"# {number % 7}" for number in range(30_000))

    lines = diff(old, old.replace("# 3", "# three"))

    assert lines


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


def test_the_default_is_made_and_ended(office: Client, preset: Preset) -> None:
    office.post(f"/presets/{preset.pk}/default/")
    assert Preset.objects.get().is_default

    office.post(f"/presets/{preset.pk}/default/", {"end": "1"})
    assert not Preset.objects.get().is_default


def test_what_a_text_says_is_escaped_everywhere(office: Client) -> None:
    bad = "<script>alert(1)</script>"
    preset = make_preset(name=bad, text=f"FROM tiny\n# {bad}\nSYSTEM {bad}")
    pk = preset.pk

    for path in ("", f"{pk}/", f"{pk}/edit/", f"{pk}/revisions/"):
        assert bad not in office.get(f"/presets/{path}").content.decode()
    assert bad not in checked(office, preset.text)


def test_whoever_may_not_edit_reads_a_preset_without_its_doings(
    preset: Preset,
) -> None:
    client = Client()
    client.force_login(make_person(), backend=BY_HAND)

    page = client.get(f"/presets/{preset.pk}/").content.decode()

    assert "Export" in page
    for doing in ("Edit", "Duplicate", "Make it the default", "Create on"):
        assert doing not in page
