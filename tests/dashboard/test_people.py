import re
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth import get_user
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from dashboard.errors import LinkSpent
from dashboard.people.models import Invite, User
from dashboard.people.services import (
    accept_invite,
    disable_account,
    ensure_administrator,
    first_administrator_link,
    open_invite,
    reset_path,
    seal_invite,
)
from tests.make import PASSWORD, make_admin, make_person

pytestmark = pytest.mark.django_db

NEW = {
    "username": "newt",
    "password1": "a long new word 9",
    "password2": "a long new word 9",
}


def make_invite(**fields: object) -> str:
    """A saved invite's path."""
    hour = timezone.now() + timedelta(hours=1)
    invite = Invite(**{"note": "for newt", "expires_at": hour, **fields})
    path = seal_invite(invite)
    invite.save()
    return path


def test_an_invite_makes_an_account_and_signs_in(client: Client) -> None:
    response = client.post(make_invite(), NEW)

    assert response.status_code == 302
    assert get_user(client).username == "newt"
    assert not User.objects.get(username="newt").is_staff


def test_looking_at_an_invite_does_not_use_it(client: Client) -> None:
    path = make_invite()

    for _ in range(2):
        assert client.get(path).status_code == 200


def test_an_invite_works_once(client: Client) -> None:
    path = make_invite()
    client.post(path, NEW)

    response = Client().post(path, {**NEW, "username": "second"})

    assert response.status_code == 410
    assert not User.objects.filter(username="second").exists()


def test_an_invite_expires(client: Client) -> None:
    path = make_invite(expires_at=timezone.now() - timedelta(seconds=1))

    response = client.get(path)

    assert response.status_code == 410
    assert b"Ask whoever gave it to you" in response.content


def test_a_weak_password_is_refused_and_the_name_is_kept(client: Client) -> None:
    response = client.post(make_invite(), {**NEW, "password1": "1", "password2": "1"})

    assert response.status_code == 422
    assert b'value="newt"' in response.content


def test_only_a_hash_of_the_token_is_stored() -> None:
    path = make_invite()

    token = path.rstrip("/").rsplit("/", 1)[-1]
    assert not Invite.objects.filter(token_hash__contains=token).exists()
    assert open_invite(token).note == "for newt"


def test_the_first_link_makes_an_administrator(client: Client) -> None:
    path = first_administrator_link()
    assert path is not None

    client.post(path, NEW)

    assert User.objects.get(username="newt").is_superuser
    assert first_administrator_link() is None


def test_the_first_link_is_void_once_an_administrator_exists(client: Client) -> None:
    path = first_administrator_link()
    make_admin()

    assert path is not None
    assert client.get(path).status_code == 410


def test_a_new_first_link_voids_the_one_before(client: Client) -> None:
    old, new = first_administrator_link(), first_administrator_link()

    assert old is not None
    assert new is not None
    assert [client.get(path).status_code for path in (old, new)] == [410, 200]


def test_whoever_accepts_second_finds_the_link_spent() -> None:
    token = make_invite().rstrip("/").rsplit("/", 1)[-1]
    accept_invite(token, newcomer=User(username="one"))

    with pytest.raises(LinkSpent):
        accept_invite(token, newcomer=User(username="two"))


def test_an_administrator_is_made_from_the_environment_once() -> None:
    assert ensure_administrator("boss", PASSWORD)
    assert not ensure_administrator("boss2", PASSWORD)
    assert User.objects.get().is_superuser


def test_a_reset_link_sets_a_new_password_once(client: Client) -> None:
    person = make_person()
    path = reset_path(person)
    form = client.get(path, follow=True).request["PATH_INFO"]
    new = {
        "new_password1": "another long word 7",
        "new_password2": "another long word 7",
    }

    client.post(form, new)

    person.refresh_from_db()
    assert person.check_password("another long word 7")
    assert b"expired" in Client().get(path, follow=True).content


def test_a_disabled_account_is_out_at_its_next_page(
    signed_in: Client, person: User
) -> None:
    assert signed_in.get("/").status_code == 200

    disable_account(person)

    response = signed_in.get("/", follow=True)
    assert response.redirect_chain[0][0].startswith("/login/")
    assert "Your account has been disabled" in response.content.decode()


def test_a_disabled_account_cannot_sign_in(client: Client, person: User) -> None:
    disable_account(person)

    response = client.post("/login/", {"username": "olive", "password": PASSWORD})

    assert response.status_code == 422


def test_changing_the_password_signs_other_devices_out(person: User) -> None:
    here, there = Client(), Client()
    for device in (here, there):
        device.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    new = "another long word 7"
    form = {"old_password": PASSWORD, "new_password1": new, "new_password2": new}

    response = here.post(reverse("password"), form, follow=True)

    assert b"Other devices are signed out" in response.content
    assert here.get("/").status_code == 200
    assert there.get("/").status_code == 302


def sign_in(client: Client, password: str, **headers: Any) -> int:
    form = {"username": "olive", "password": password}
    return client.post("/login/", form, **headers).status_code


def test_too_many_wrong_passwords_close_the_door_for_a_while(
    client: Client, person: User
) -> None:
    statuses = {sign_in(client, "wrong") for _ in range(9)}

    last = client.post("/login/", {"username": "olive", "password": "wrong"})

    assert statuses == {422}
    assert last.status_code == 429
    assert b"Wait ten minutes" in last.content
    assert sign_in(client, PASSWORD) == 429


def test_the_door_stays_open_for_the_same_name_from_elsewhere(
    client: Client, person: User
) -> None:
    for _ in range(10):
        sign_in(client, "wrong")

    assert sign_in(Client(), PASSWORD, REMOTE_ADDR="127.0.0.9") == 302


def test_without_a_trusted_proxy_a_header_does_not_help(
    client: Client, person: User
) -> None:
    for number in range(10):
        sign_in(client, "wrong", HTTP_X_FORWARDED_FOR=f"10.0.0.{number}")

    assert sign_in(client, PASSWORD, HTTP_X_FORWARDED_FOR="10.9.9.9") == 429


def test_behind_a_trusted_proxy_the_address_is_the_persons(
    client: Client, person: User, settings: Settings
) -> None:
    settings.AXES_IPWARE_PROXY_COUNT = 1
    settings.AXES_IPWARE_META_PRECEDENCE_ORDER = ["HTTP_X_FORWARDED_FOR", "REMOTE_ADDR"]
    for _ in range(10):
        sign_in(client, "wrong", HTTP_X_FORWARDED_FOR="192.0.2.1, 10.0.0.1")

    elsewhere = {"HTTP_X_FORWARDED_FOR": "192.0.2.2, 10.0.0.1"}
    assert sign_in(client, PASSWORD, **elsewhere) == 302


def test_the_admin_shows_an_invites_link_once(client: Client, admin: User) -> None:
    client.force_login(admin, backend="django.contrib.auth.backends.ModelBackend")
    later = timezone.now() + timedelta(days=1)
    form = {"note": "max", "expires_at_0": later.date(), "expires_at_1": "12:00:00"}

    page = client.post(reverse("admin:people_invite_add"), form, follow=True)

    link = re.search(rb'href="(/invite/[^"]+)"', page.content)
    assert link
    assert Client().get(link[1].decode()).status_code == 200
    later_on = client.get(reverse("admin:people_invite_changelist"))
    assert link[1] not in later_on.content


def test_the_list_of_people_is_chinese_to_whoever_reads_that(
    client: Client, admin: User
) -> None:
    client.force_login(admin, backend="django.contrib.auth.backends.ModelBackend")
    people = reverse("admin:people_user_changelist")

    page = client.get(people, headers={"accept-language": "zh-hans"}).content.decode()

    assert "姓名" in page
    assert ">Name<" not in page


def test_the_admins_action_makes_a_reset_link(client: Client, admin: User) -> None:
    client.force_login(admin, backend="django.contrib.auth.backends.ModelBackend")
    someone = make_person()
    form = {"action": "make_reset_link", "_selected_action": [someone.pk]}

    page = client.post(reverse("admin:people_user_changelist"), form, follow=True)

    assert b"/reset/" in page.content


def test_rights_to_look_at_people_give_no_reset_link(
    client: Client, admin: User
) -> None:
    clerk = make_person("clerk", is_staff=True)
    clerk.user_permissions.add(Permission.objects.get(codename="view_user"))
    client.force_login(clerk, backend="django.contrib.auth.backends.ModelBackend")
    form = {"action": "make_reset_link", "_selected_action": [admin.pk]}

    page = client.post(reverse("admin:people_user_changelist"), form, follow=True)

    assert b"/reset/" not in page.content


def test_a_clerk_lays_no_hand_on_an_administrator(client: Client, admin: User) -> None:
    clerk = make_person("clerk", is_staff=True)
    rights = Permission.objects.filter(codename__in=["view_user", "change_user"])
    clerk.user_permissions.add(*rights)
    client.force_login(clerk, backend="django.contrib.auth.backends.ModelBackend")

    for action in ("make_reset_link", "disable"):
        form = {"action": action, "_selected_action": [admin.pk]}
        page = client.post(reverse("admin:people_user_changelist"), form, follow=True)
        assert b"/reset/" not in page.content

    admin.refresh_from_db()
    assert admin.is_active


def test_an_invite_of_a_clerk_makes_no_administrator(client: Client) -> None:
    clerk = make_person("clerk", is_staff=True)
    rights = Permission.objects.filter(codename__in=["view_invite", "add_invite"])
    clerk.user_permissions.add(*rights)
    client.force_login(clerk, backend="django.contrib.auth.backends.ModelBackend")
    later = timezone.now() + timedelta(days=1)
    form = {"note": "me", "administrator": "on"}
    form |= {"expires_at_0": str(later.date()), "expires_at_1": "12:00:00"}

    client.post(reverse("admin:people_invite_add"), form)

    assert not Invite.objects.get().administrator


def test_a_clerk_neither_opens_an_administrator_nor_makes_one(
    client: Client, admin: User
) -> None:
    clerk = make_person("clerk", is_staff=True)
    rights = Permission.objects.filter(codename__in=["view_user", "change_user"])
    clerk.user_permissions.add(*rights)
    client.force_login(clerk, backend="django.contrib.auth.backends.ModelBackend")
    own = reverse("admin:people_user_change", args=[clerk.pk])
    form = {"username": "clerk", "is_active": "on", "is_superuser": "on"}
    form |= {"date_joined_0": "2026-01-01", "date_joined_1": "12:00:00"}

    saved = client.post(own, form)

    assert saved.status_code == 302
    clerk.refresh_from_db()
    assert not clerk.is_superuser
    for page in ("change", "delete"):
        url = reverse(f"admin:people_user_{page}", args=[admin.pk])
        assert client.post(url, form).status_code in (302, 403)
    password = reverse("admin:auth_user_password_change", args=[admin.pk])
    assert client.post(password, {}).status_code == 404
    assert User.objects.filter(pk=admin.pk, is_superuser=True).exists()
