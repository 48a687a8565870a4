"""Who may do what in the admin, for every kind of person."""

from typing import Any

import pytest
from django.urls import reverse

from chat.models import Opening
from dashboard.people.models import User
from tests.roles import ROLES, SIGN_IN, House, client_of, make_house


@pytest.fixture
def house(db: None) -> House:
    return make_house()


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("admin:chat_conversation_changelist", None),
        ("admin:chat_openreply_changelist", None),
        ("admin:chat_conversation_open", None),
        ("admin:chat_conversation_open", {"reason": "It never ends."}),
        ("admin:chat_openreply_changelist", {"action": "stop", "_selected_action": 1}),
    ],
)
def test_the_conversations_in_the_admin_are_for_superusers(
    name: str, form: dict[str, Any] | None, role: str, house: House
) -> None:
    person, client = house.people[role], client_of(house.people[role])
    if person and role != "admin":
        User.objects.filter(pk=person.pk).update(is_staff=True)
    args = [house.conversation.pk] if name.endswith("open") else []

    url = reverse(name, args=args)
    response = client.get(url) if form is None else client.post(url, form)

    expected = {"anonymous": SIGN_IN, "admin": 302 if form else 200}
    assert response.status_code == expected.get(role, 403)
    assert Opening.objects.exists() is (role == "admin" and "reason" in (form or {}))


@pytest.mark.parametrize("role", ROLES)
def test_the_admin_is_for_administrators(role: str, house: House) -> None:
    response = client_of(house.people[role]).get("/admin/")

    assert response.status_code == (200 if role == "admin" else SIGN_IN)


@pytest.mark.parametrize("role", ["owner", "member", "viewer", "stranger"])
def test_whoever_is_in_but_no_administrator_is_told_so(role: str, house: House) -> None:
    response = client_of(house.people[role]).get("/admin/", follow=True)

    assert response.status_code == 403
