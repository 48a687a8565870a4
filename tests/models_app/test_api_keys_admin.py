"""Keys and fields in the admin: what each key may, and that no secret is there."""

import re
from datetime import UTC, datetime
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse

from dashboard.people.models import User
from models_app.models import ApiKey, FieldGrant
from models_app.services.api_keys import NewKey, key_of, make_key
from models_app.snapshot import forget
from tests.make import make_model

pytestmark = pytest.mark.django_db
LIST = "admin:models_app_apikey_changelist"
ADD_FIELDS = "admin:models_app_fieldgrant_add"


@pytest.fixture
def office(client: Client, admin: User) -> Client:
    client.force_login(admin, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def made(person: User) -> NewKey:
    return make_key(person, "laptop", allowed_models=["tiny"])


def change(key: ApiKey) -> str:
    return reverse("admin:models_app_apikey_change", args=[key.pk])


def saved(office: Client, key: ApiKey, **typed: str) -> str:
    """What the admin answers."""
    return office.post(change(key), typed, follow=True).content.decode()


def test_all_keys_are_listed_without_a_secret(office: Client, made: NewKey) -> None:
    shown = office.get(reverse(LIST)).content.decode()

    for word in ("olive", "laptop", f"{made.key.prefix}…", "in use", "tiny"):
        assert word in shown
    for page in (shown, office.get(change(made.key)).content.decode()):
        assert made.secret not in page
        assert made.key.digest not in page


def test_the_list_tells_when_a_key_ends_and_fits_on_a_screen(
    office: Client, made: NewKey
) -> None:
    ends = datetime(2031, 5, 17, 12, tzinfo=UTC)
    ApiKey.objects.filter(pk=made.key.pk).update(expires_at=ends)

    shown = office.get(reverse(LIST)).content.decode()

    assert 'class="field-expires_at nowrap">May 17, 2031' in shown
    assert len(re.findall(r'class="[^"]*column-', shown)) <= 7


def test_the_list_is_narrowed_by_person_and_by_state(
    office: Client, made: NewKey, admin: User
) -> None:
    make_key(admin, "mine")
    office.post(reverse(LIST), {"action": "revoke", "_selected_action": made.key.pk})

    def listed(**query: str) -> list[str]:
        found = office.get(reverse(LIST), query).context["cl"].queryset
        return [each.name for each in found]

    assert listed(q="olive") == ["laptop"]
    assert (listed(state="live"), listed(state="revoked")) == (["mine"], ["laptop"])
    assert listed(state="expired") == []
    assert len(listed(state="x")) == 2


def test_a_key_is_revoked_by_an_action(office: Client, made: NewKey) -> None:
    form = {"action": "revoke", "_selected_action": made.key.pk}

    response = office.post(reverse(LIST), form, follow=True)

    assert "“laptop” is revoked." in response.content.decode()
    assert key_of(made.secret) is None


def test_what_a_key_may_is_changed(office: Client, made: NewKey) -> None:
    make_model("large")
    forget()
    saved(
        office,
        made.key,
        allowed_models=" tiny \r\n\r\nlarge\r\ntiny",
        origins="https://App.example:443/\r\nhttp://[::1]:3000",
        requests_a_minute="9",
        may_manage="on",
    )

    key = ApiKey.objects.get()
    assert key.allowed_models == ["tiny", "large"]
    assert key.origins == ["https://app.example", "http://[::1]:3000"]
    assert (key.requests_a_minute, key.may_manage) == (9, True)
    assert (key.name, key.revoked_at) == ("laptop", None)
    assert key_of(made.secret) == key


def test_a_model_that_its_person_may_not_use_is_named(
    office: Client, made: NewKey
) -> None:
    page = saved(office, made.key, allowed_models="tiny\r\nllama9")

    assert "“llama9” is no model or preset that olive may use." in page
    assert ApiKey.objects.get().allowed_models == ["tiny"]


@pytest.mark.parametrize(
    "origin",
    [
        "*",
        "null",
        "app.example",
        "ftp://a",
        "https://a/x",
        "https://a:b",
        "https://u@a",
    ],
)
def test_what_is_no_origin_is_refused(
    office: Client, made: NewKey, origin: str
) -> None:
    shown = saved(office, made.key, origins=origin)

    assert "is no origin. Write it as https://app.example.org." in shown
    assert ApiKey.objects.get().origins == []


def test_no_key_is_made_in_the_admin(office: Client) -> None:
    assert office.get(reverse("admin:models_app_apikey_add")).status_code == 403


def test_a_person_who_has_keys_is_deleted_in_the_admin(
    office: Client, made: NewKey
) -> None:
    person = made.key.person

    page = reverse("admin:people_user_delete", args=[person.pk])
    response = office.post(page, {"post": "yes"})

    assert response.status_code == 302
    assert not ApiKey.objects.exists()


def test_fields_are_granted_to_a_group_one_a_line(office: Client) -> None:
    group = Group.objects.create(name="lab")
    shown = office.get(reverse(ADD_FIELDS)).content.decode()
    assert all(each in shown for each in ("num_ctx", "keep_alive", "chat_template"))

    form = {"group": group.pk, "fields": "num_ctx\nkeep_alive\n"}
    office.post(reverse(ADD_FIELDS), form)

    grant = FieldGrant.objects.get()
    assert (grant.group, grant.fields) == (group, ["num_ctx", "keep_alive"])
    page = reverse("admin:models_app_fieldgrant_change", args=[grant.pk])
    assert ">\nnum_ctx\nkeep_alive</textarea>" in office.get(page).content.decode()
    listed = office.get(reverse("admin:models_app_fieldgrant_changelist"))
    assert "num_ctx, keep_alive" in listed.content.decode()


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"fields": "num ctx"}, "“num ctx” is no name of a field."),
        ({"fields": ""}, "This field is required."),
        ({"fields": "num_ctx"}, "There is a row for everybody already."),
    ],
)
def test_fields_that_cannot_be_say_why(
    office: Client, typed: dict[str, Any], sentence: str
) -> None:
    FieldGrant.objects.create(fields=["seed"])

    response = office.post(reverse(ADD_FIELDS), typed)

    assert sentence in response.content.decode()
    assert FieldGrant.objects.count() == 1
