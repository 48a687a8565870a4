import pytest
from django.test import Client
from django.urls import reverse

from dashboard.errors import KeyUnreadable
from dashboard.people.models import User
from models_app.models import Backend, Preset
from models_app.sealing import seal, unseal
from tests.make import make_backend

pytestmark = pytest.mark.django_db

SERVER = {"name": "gpu-01", "kind": "ollama", "max_parallel": "4", "enabled": "on"}


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
    form = {"action": "test_connection", "_selected_action": [backend.pk]}

    page = office.post(
        reverse("admin:models_app_backend_changelist"), form, follow=True
    )

    assert b"gpu-02 cannot be reached (connection refused)" in page.content


@pytest.mark.parametrize(
    ("parameters", "said"),
    [
        ('{"temprature": 1}', b"is unknown"),
        ('{"num_ctx": "8k"}', b"cannot be 8k"),
        ('{"temperature": true}', b"cannot be True"),
        ("[1]", b"Write an object"),
        ('{"stop": "x"}', b"cannot be x"),
    ],
)
def test_a_wrong_parameter_is_named(
    office: Client, parameters: str, said: bytes
) -> None:
    form = {"name": "p", "model": "m", "parameters": parameters, "enabled": "on"}

    response = office.post(reverse("admin:models_app_preset_add"), form)

    assert said in response.content
    assert not Preset.objects.exists()


def test_a_preset_is_written(office: Client) -> None:
    form = {
        "name": "helper",
        "model": "qwen2.5:7b",
        "system": "Be brief.",
        "parameters": '{"temperature": 0.2, "stop": ["END"]}',
        "enabled": "on",
    }

    office.post(reverse("admin:models_app_preset_add"), form)

    assert Preset.objects.get().parameters == {"temperature": 0.2, "stop": ["END"]}


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
