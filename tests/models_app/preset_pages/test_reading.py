"""The pages of presets, as they are read."""

import pytest
from django.contrib.auth.models import Group, Permission
from django.test import Client

from dashboard.people.models import User
from models_app.models import Preset, Restriction
from tests.make import make_backend, make_model, make_person, make_preset
from tests.models_app.preset_pages.editing import BY_HAND, checked

pytestmark = pytest.mark.django_db


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


def test_no_chat_is_offered_with_a_preset_whose_servers_are_away(
    office: Client, preset: Preset
) -> None:
    make_model("tiny", backend=make_backend(failure_code="backend_unreachable"))

    pages = [
        office.get(path).content.decode()
        for path in ("/presets/", f"/presets/{preset.pk}/")
    ]

    assert not any("?target=" in page for page in pages)
    assert "nobody can chat with it" in pages[1]
