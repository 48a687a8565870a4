import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from dashboard.errors import BackendBroken, KeyUnreadable
from dashboard.people.models import User
from models_app.models import Backend, Preset
from models_app.queries import targets_for
from models_app.sealing import seal, unseal
from models_app.services.backends import note_reply
from models_app.services.new_backends import free_name
from tests.fakes.replay import Answer
from tests.fakes.threaded import in_thread
from tests.make import make_backend, make_model, make_node, make_person, make_preset

pytestmark = pytest.mark.django_db

SERVER = {
    "name": "gpu-01",
    "kind": "ollama",
    "max_parallel": "4",
    "weight": "1",
    "first_token_seconds": "600",
    "silence_seconds": "60",
    "enabled": "on",
}


@pytest.fixture
def office(client: Client, admin: User) -> Client:
    client.force_login(admin, backend="django.contrib.auth.backends.ModelBackend")
    return client


def saved(office: Client, backend: Backend, **fields: str) -> Backend:
    url = reverse("admin:models_app_backend_change", args=[backend.pk])
    form = {**SERVER, "name": backend.name, "base_url": backend.base_url, **fields}
    assert office.post(url, form).status_code == 302
    return Backend.objects.get(pk=backend.pk)


def key_of(backend: Backend) -> str:
    return unseal(backend.sealed_key, server=backend.name)


def test_a_server_is_added_by_its_address_as_people_type_it(office: Client) -> None:
    form = {**SERVER, "base_url": "gpu-01:11434/v1/", "key": "s3cret"}

    office.post(reverse("admin:models_app_backend_add"), form)

    backend = Backend.objects.get()
    assert backend.base_url == "http://gpu-01:11434"
    assert key_of(backend) == "s3cret"


def test_the_host_of_a_server_is_chosen_among_those_that_were_not_removed(
    office: Client,
) -> None:
    host, gone = make_node("gpu-01"), make_node("gpu-02", retired_at=timezone.now())
    backend = make_backend()

    assert saved(office, backend, node=str(host.pk)).node == host
    url = reverse("admin:models_app_backend_change", args=[backend.pk])
    form = {**SERVER, "base_url": backend.base_url, "node": str(gone.pk)}
    assert office.post(url, form).status_code == 200
    host.delete()
    assert Backend.objects.get().node is None


def test_a_wrong_address_gets_a_sentence_and_the_form_back(office: Client) -> None:
    form = {**SERVER, "base_url": "ftp://gpu-01"}

    response = office.post(reverse("admin:models_app_backend_add"), form)

    assert b"must begin with http" in response.content
    assert b'value="gpu-01"' in response.content


def test_a_key_is_encrypted_and_never_shown_again(office: Client) -> None:
    backend = make_backend(sealed_key=seal("s3cret"))
    url = reverse("admin:models_app_backend_change", args=[backend.pk])

    assert "s3cret" not in backend.sealed_key
    assert b"s3cret" not in office.get(url).content
    assert backend.sealed_key.encode() not in office.get(url).content


def test_an_empty_field_keeps_the_key(office: Client) -> None:
    backend = saved(office, make_backend(sealed_key=seal("s3cret")), key="")

    assert key_of(backend) == "s3cret"


def test_a_new_address_forgets_the_key(office: Client) -> None:
    backend = make_backend(sealed_key=seal("s3cret"))

    backend = saved(office, backend, base_url="http://elsewhere:1")

    assert backend.sealed_key == ""


def test_a_new_address_with_its_key_keeps_that_key(office: Client) -> None:
    backend = make_backend(sealed_key=seal("s3cret"))

    backend = saved(office, backend, base_url="http://elsewhere:1", key="new")

    assert key_of(backend) == "new"


def test_a_key_of_another_secret_is_a_sentence() -> None:
    with pytest.raises(KeyUnreadable, match="Enter it again"):
        unseal("gAAAA-not-ours", server="gpu-01")


@pytest.mark.django_db(transaction=True)
def test_the_connection_test_says_what_came_back(office: Client) -> None:
    backend = make_backend(name="gpu-02", base_url="http://127.0.0.1:9")

    page = office.get(reverse("admin:models_app_backend_test", args=[backend.pk]))

    assert b"GET http://127.0.0.1:9/" in page.content
    assert b"connection refused" in page.content
    assert b"Nothing listens at that port" in page.content


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("PARAMETER temprature 1", "Line 2: There is no parameter “temprature”"),
        ("PARAMETER num_ctx 8k", "Line 2: num_ctx wants a whole number"),
        ("Be brief.", "Line 2: “Be” is no instruction"),
    ],
)
def test_a_wrong_line_is_named(office: Client, line: str, said: str) -> None:
    form = {"name": "p", "text": f"FROM m\n{line}", "enabled": "on"}

    response = office.post(reverse("admin:models_app_preset_add"), form)

    assert said in response.content.decode()
    assert not Preset.objects.exists()


def test_a_preset_is_written(office: Client) -> None:
    text = "FROM qwen2.5:7b\r\nPARAMETER temperature 0.2\r\n"
    form = {"name": "helper", "text": text, "enabled": "on"}

    office.post(reverse("admin:models_app_preset_add"), form)

    preset = Preset.objects.get()
    assert (preset.model, preset.parameters) == ("qwen2.5:7b", {"temperature": 0.2})
    assert preset.revisions.get().by == User.objects.get()


def test_a_preset_is_not_overwritten_in_the_admin_either(office: Client) -> None:
    preset = make_preset()
    change = reverse("admin:models_app_preset_change", args=[preset.pk])
    form = {"name": "x", "text": "FROM a", "enabled": "on"}
    assert office.post(change, {**form, "based_on": "1"}).status_code == 302

    refused = office.post(change, {**form, "text": "FROM b", "based_on": "1"})

    assert b"Somebody has saved this preset meanwhile" in refused.content
    assert Preset.objects.get().model == "a"


def test_the_admin_reads_no_text_of_a_revision(office: Client) -> None:
    preset = make_preset()

    with CaptureQueriesContext(connection) as asked:
        page = office.get(
            reverse("admin:models_app_preset_change", args=[preset.pk])
        ).content.decode()

    assert not [each for each in asked if "presetrevision" in each["sql"]]
    assert f'<a href="/presets/{preset.pk}/revisions/">1 revision' in page


@pytest.mark.parametrize(("was", "left"), [("False", True), ("True", False)])
def test_only_who_changes_the_box_in_the_admin_changes_the_default(
    office: Client, was: str, left: bool
) -> None:
    preset = make_preset(is_default=True)
    change = reverse("admin:models_app_preset_change", args=[preset.pk])
    assert b'name="was_default" value="True"' in office.get(change).content

    form = {"name": "x", "text": "FROM a", "based_on": "1"}
    office.post(change, {**form, "was_default": was})

    saved = Preset.objects.get()
    assert (saved.name, saved.is_default) == ("x", left)


@pytest.mark.parametrize(
    "page",
    [
        "admin:index",
        "admin:models_app_backend_changelist",
        "admin:models_app_languagemodel_changelist",
        "admin:models_app_preset_changelist",
        "admin:models_app_foundserver_changelist",
        "admin:people_user_changelist",
        "admin:people_invite_changelist",
        "admin:auth_group_changelist",
    ],
)
def test_every_list_of_the_admin_opens(office: Client, page: str) -> None:
    make_backend(failure_code="backend_silent", failure_facts={})

    assert office.get(reverse(page)).status_code == 200


ADDRESS_ALONE = {
    "base_url": "http://gpu-07.lan:11434",
    "max_parallel": "4",
    "weight": "1",
    "first_token_seconds": "600",
    "silence_seconds": "60",
    "enabled": "on",
}


def test_a_server_is_added_by_its_address_alone(office: Client) -> None:
    office.post(reverse("admin:models_app_backend_add"), ADDRESS_ALONE)

    backend = Backend.objects.get()
    assert (backend.name, backend.kind) == ("gpu-07", "")
    assert not backend.kind_by_hand


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("http://gpu-07.lan:11434", "gpu-07"),
        ("http://192.168.1.20:8000", "192.168.1.20"),
        ("http://127.0.0.1:1234", "127.0.0.1"),
        ("http://[::1]:1234", "::1"),
    ],
)
def test_a_name_is_proposed_that_nobody_has(address: str, name: str) -> None:
    assert free_name(address) == name
    make_backend(name=name)
    port = address.rsplit(":", 1)[1]
    assert free_name(address) == f"{name}-{port}"
    make_backend(name=f"{name}-{port}")
    assert free_name(address) == f"{name}-2"


def test_a_kind_set_by_hand_stays_set_and_a_found_one_is_not_set_by_saving(
    office: Client,
) -> None:
    by_hand = saved(office, make_backend(kind="", kind_by_hand=False), kind="vllm")
    found = make_backend(kind="vllm", kind_by_hand=False)

    found = saved(office, found, kind="")

    assert (by_hand.kind, by_hand.kind_by_hand) == ("vllm", True)
    assert (found.kind, found.kind_by_hand) == ("vllm", False)


def test_an_address_is_not_added_twice(office: Client) -> None:
    make_backend(name="gpu-07", base_url=ADDRESS_ALONE["base_url"])

    page = office.post(reverse("admin:models_app_backend_add"), ADDRESS_ALONE)

    assert b"the address of gpu-07 already" in page.content


def test_saving_may_lead_to_the_test(office: Client) -> None:
    form = {**ADDRESS_ALONE, "_test": "1"}

    response = office.post(reverse("admin:models_app_backend_add"), form)

    test = reverse("admin:models_app_backend_test", args=[Backend.objects.get().pk])
    assert response.headers["Location"] == test


@pytest.mark.django_db(transaction=True)
def test_the_test_says_when_a_kind_set_by_hand_looks_wrong(office: Client) -> None:
    ollama = {"/": Answer(b"Ollama is running", kind="text/plain")}
    with in_thread(ollama) as url:
        backend = make_backend(kind="vllm", base_url=url)
        page = office.get(reverse("admin:models_app_backend_test", args=[backend.pk]))

    assert b"set by hand to vLLM, though it looks like Ollama" in page.content


def test_the_test_is_for_those_who_may_change_servers(signed_in: Client) -> None:
    backend = make_backend()

    page = signed_in.get(reverse("admin:models_app_backend_test", args=[backend.pk]))

    assert page.status_code == 302


def test_the_page_of_a_server_tells_how_it_is(office: Client) -> None:
    note_reply(
        (backend := make_backend()).pk, BackendBroken(server="gpu", detail="half")
    )
    url = reverse("admin:models_app_backend_change", args=[backend.pk])

    page = office.get(url)

    assert b"just now: its answers make no sense" in page.content


@pytest.mark.django_db(transaction=True)
def test_who_deletes_a_server_takes_its_models_away_from_everybody(
    office: Client,
) -> None:
    model = make_model("tiny")
    person = make_person()
    assert targets_for(person)

    form = {"post": "yes"}
    office.post(
        reverse("admin:models_app_backend_delete", args=[model.backend_id]), form
    )

    assert targets_for(person) == []


def test_a_group_that_alone_may_use_a_server_is_not_deleted(office: Client) -> None:
    """It would be for everybody then."""
    group = Group.objects.create(name="research")
    backend = make_backend(name="gpu-01")
    backend.groups.add(group)
    url = reverse("admin:auth_group_delete", args=[group.pk])

    assert b"model server: gpu-01" in office.get(url).content
    office.post(url, {"post": "yes"})
    assert Group.objects.exists()

    backend.groups.add(Group.objects.create(name="others"))
    office.post(url, {"post": "yes"})
    assert list(backend.groups.values_list("name", flat=True)) == ["others"]


def test_a_kind_that_was_set_by_hand_is_found_out_when_it_is_given_back(
    office: Client,
) -> None:
    backend = saved(office, make_backend(kind="openai", kind_by_hand=True), kind="")

    assert (backend.kind, backend.kind_by_hand) == ("", False)


def test_a_server_that_moved_no_longer_offers_the_models_of_the_old_one(
    office: Client,
) -> None:
    model = make_model("tiny", backend=make_backend(kind="vllm", kind_by_hand=False))

    backend = saved(office, model.backend, base_url="http://elsewhere:1", kind="")

    model.refresh_from_db()
    assert (model.listed, backend.kind) == (False, "")


def test_an_address_written_otherwise_keeps_its_key(office: Client) -> None:
    backend = make_backend(base_url="http://gpu:1", sealed_key=seal("s3cret"))

    backend = saved(office, backend, base_url="gpu:1/v1/")

    assert key_of(backend) == "s3cret"


@pytest.mark.django_db(transaction=True)
def test_a_deleted_preset_is_gone_for_everybody(office: Client) -> None:
    preset = make_preset(model="tiny")
    make_model("tiny")
    person = make_person()
    assert len(targets_for(person)) == 2

    office.post(
        reverse("admin:models_app_preset_delete", args=[preset.pk]), {"post": "yes"}
    )

    assert [each.is_preset for each in targets_for(person)] == [False]
