import json

import pytest
from channels.testing import WebsocketCommunicator
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse

from dashboard.live.consumer import SIGNED_OUT
from dashboard.live.db import in_db
from dashboard.people.models import User
from dashboard.people.services import disable_account
from dashboard.routing import Page
from tests.make import make_admin, make_person

pytestmark = pytest.mark.django_db(transaction=True)


async def opened(person: User, **scope: object) -> WebsocketCommunicator:
    socket = WebsocketCommunicator(Page.as_asgi(), "/ws/")
    socket.scope.update(user=person, **scope)
    await socket.connect()
    assert (await socket.receive_json_from())["kind"] == "hello"
    return socket


@pytest.mark.parametrize(
    ("scope", "word"),
    [
        ({"cookies": {"paddock_language": "zh-hans"}}, "页面"),
        ({"headers": [(b"accept-language", b"zh-CN,zh;q=0.9")]}, "页面"),
        ({"headers": [(b"accept-language", b"tlh")]}, "unreadable"),
        ({}, "unreadable"),
    ],
)
async def test_a_refusal_is_in_the_language_of_the_page(
    scope: dict[str, object], word: str
) -> None:
    socket = await opened(await in_db(make_person)(), **scope)

    await socket.send_to(text_data="{}")

    assert word in (await socket.receive_json_from())["sentence"]
    await socket.disconnect()


@pytest.mark.parametrize("text", ["1", "[]", "{", '{"kind":"message.sing","key":"k"}'])
async def test_nonsense_is_refused_and_the_socket_stays(text: str) -> None:
    socket = await opened(await in_db(make_person)())

    for _ in range(2):
        await socket.send_to(text_data=text)
        assert (await socket.receive_json_from())["kind"] == "command.failed"
    await socket.disconnect()


async def test_a_disabled_account_loses_its_open_pages() -> None:
    person = await in_db(make_person)()
    socket = await opened(person)

    await in_db(disable_account)(person)

    assert await socket.receive_output() == {
        "type": "websocket.close",
        "code": SIGNED_OUT,
    }


async def test_a_page_hears_nothing_that_is_for_somebody_else() -> None:
    person, other = await in_db(make_person)(), await in_db(make_person)()
    socket = await opened(person)

    await in_db(disable_account)(other)

    assert await socket.receive_nothing()
    await socket.send_to(text_data="{}")
    assert "command.failed" in json.dumps(await socket.receive_json_from())
    await socket.disconnect()


def moved_into_a_group(admin: User, person: User) -> None:
    """What the page of a person in the admin sends."""
    group = Group.objects.create(name="research")
    client = Client()
    client.force_login(admin, backend="django.contrib.auth.backends.ModelBackend")
    url = reverse("admin:people_user_change", args=[person.pk])
    form = {"username": person.username, "is_active": "on", "groups": [group.pk]}
    form |= {"date_joined_0": "2026-01-01", "date_joined_1": "00:00:00"}
    assert client.post(url, form).status_code == 302


async def test_open_pages_hear_that_somebody_is_in_another_group() -> None:
    person = await in_db(make_person)()
    socket = await opened(person)

    await in_db(moved_into_a_group)(await in_db(make_admin)(), person)

    assert (await socket.receive_json_from())["kind"] == "models.changed"
    await socket.disconnect()
