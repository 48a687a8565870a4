"""Who may do what: every address and every command, for every kind of person."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from channels.testing import WebsocketCommunicator
from django.contrib.auth.models import AnonymousUser
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone

from chat.models import Conversation, Message
from dashboard.live.commands import COMMANDS
from dashboard.people.models import Invite, User
from dashboard.people.services import seal_invite
from dashboard.routing import Page, websockets
from models_app.models import FoundServer
from tests.make import (
    make_admin,
    make_conversation,
    make_message,
    make_model,
    make_person,
    make_reply,
)

ROLES = ("owner", "member", "stranger", "anonymous", "admin")
SIGN_IN = 302


@dataclass(frozen=True)
class House:
    people: dict[str, User | None]
    conversation: Conversation
    message: Message
    broken: Message
    found: FoundServer
    invite: str


@pytest.fixture
def house(transactional_db: None) -> House:
    owner, member = make_person("owner"), make_person("member")
    people = {
        "owner": owner,
        "member": member,
        "stranger": make_person("stranger"),
        "anonymous": None,
        "admin": make_admin("admin"),
    }
    make_model("tiny")
    conversation = make_conversation(owner, member)
    message = make_message(conversation, author=owner)
    broken = make_reply(
        conversation, "so far", parent=message, status="failed", target="model:gone"
    )
    invite = Invite(note="x", expires_at=timezone.now() + timedelta(hours=1))
    path = seal_invite(invite)
    invite.save()
    return House(
        people=people,
        conversation=conversation,
        message=message,
        broken=broken,
        found=FoundServer.objects.create(
            base_url="http://127.0.0.1:9", kind="ollama", seen_at=timezone.now()
        ),
        invite=path.rstrip("/").rsplit("/", 1)[-1],
    )


def everybody(status: int) -> tuple[int, ...]:
    return (status,) * 5


MEMBERS = (200, 200, 404, SIGN_IN, 404)
SIGNED_IN = (200, 200, 200, SIGN_IN, 200)

# name: (method, form, status for owner, member, stranger, anonymous, admin)
PAGES: dict[str, tuple[str, dict[str, str], tuple[int, ...]]] = {
    "healthz": ("get", {}, everybody(200)),
    "set_language": ("post", {"language": "en"}, everybody(302)),
    "login": ("get", {}, (302, 302, 302, 200, 302)),
    "logout": ("post", {}, everybody(302)),
    "invite": ("get", {}, everybody(200)),
    "account": ("get", {}, SIGNED_IN),
    "password": ("get", {}, SIGNED_IN),
    "password-reset": ("get", {}, everybody(200)),
    "better-model": ("get", {}, SIGNED_IN),
    "server-add": ("post", {}, (403, 403, 403, SIGN_IN, 302)),
    "home": ("get", {}, SIGNED_IN),
    "conversation-start": ("post", {"text": " "}, (422, 422, 422, SIGN_IN, 422)),
    "conversations": ("get", {}, SIGNED_IN),
    "picker": ("get", {}, SIGNED_IN),
    "conversation": ("get", {}, MEMBERS),
    "message-send": ("post", {"text": " "}, (422, 422, 404, SIGN_IN, 404)),
    "conversation-people": ("get", {}, MEMBERS),
    "messages": ("get", {}, MEMBERS),
    "message": ("get", {}, MEMBERS),
    "message-stop": ("post", {}, (302, 302, 404, SIGN_IN, 404)),
    "message-again": ("get", {}, MEMBERS),
    "message-retry": ("post", {}, (422, 422, 404, SIGN_IN, 404)),
    "message-continue": ("post", {}, (422, 422, 404, SIGN_IN, 404)),
}


def arguments(name: str, house: House) -> dict[str, Any]:
    pk, message = house.conversation.pk, house.message.pk
    known: dict[str, dict[str, Any]] = {
        "invite": {"token": house.invite},
        "password-reset": {"uidb64": "MQ", "token": "no"},
        "server-add": {"pk": house.found.pk},
        "message": {"pk": pk, "message": message},
        "message-stop": {"pk": pk, "message": message},
        "message-again": {"pk": pk, "message": house.broken.pk},
        "message-retry": {"pk": pk, "message": house.broken.pk},
        "message-continue": {"pk": pk, "message": house.broken.pk},
        "conversation": {"pk": pk},
        "message-send": {"pk": pk},
        "conversation-people": {"pk": pk},
        "messages": {"pk": pk},
    }
    return known.get(name, {})


def client_of(person: User | None) -> Client:
    client = Client()
    if person:
        client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("name", PAGES)
def test_each_address_answers_each_person_as_it_should(
    name: str, role: str, house: House
) -> None:
    method, form, statuses = PAGES[name]
    client = client_of(house.people[role])

    response = getattr(client, method)(
        reverse(name, kwargs=arguments(name, house)), form
    )

    assert response.status_code == statuses[ROLES.index(role)]
    if response.status_code == SIGN_IN and role == "anonymous":
        assert name in ("set_language", "logout") or "/login/" in response.url


def test_only_the_owner_lets_a_teammate_in(house: House) -> None:
    url = reverse("conversation-people", args=[house.conversation.pk])

    statuses = [
        client_of(house.people[role]).post(url, {"username": "stranger"}).status_code
        for role in ("member", "stranger", "admin", "owner")
    ]

    assert statuses == [403, 404, 404, 302]


def named(patterns: list[URLPattern | URLResolver]) -> Iterator[str | None]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            if pattern.app_name != "admin":
                yield from named(pattern.url_patterns)
        elif not str(pattern.pattern).startswith("admin/login"):
            yield pattern.name


def test_every_address_stands_in_the_matrix() -> None:
    assert set(named(get_resolver().url_patterns)) == set(PAGES)


@pytest.mark.parametrize("role", ROLES)
def test_the_admin_is_for_administrators(role: str, house: House) -> None:
    response = client_of(house.people[role]).get("/admin/")

    assert response.status_code == (200 if role == "admin" else SIGN_IN)


@pytest.mark.parametrize("role", ["owner", "member", "stranger"])
def test_whoever_is_in_but_no_administrator_is_told_so(role: str, house: House) -> None:
    response = client_of(house.people[role]).get("/admin/", follow=True)

    assert response.status_code == 403


@pytest.mark.parametrize(
    ("origin", "allowed"),
    [
        (b"http://localhost:8420", True),
        (b"http://localhost:8888", False),
        (b"https://localhost:8420", False),
        (b"http://evil.example", False),
        (b"null", False),
        (b"", False),
    ],
)
async def test_only_our_own_pages_open_a_socket(
    origin: bytes, allowed: bool, house: House
) -> None:
    socket = WebsocketCommunicator(websockets, "/ws/", headers=[(b"origin", origin)])

    connected, _ = await socket.connect()

    # Ours is let in, and then told that nobody is signed in.
    assert connected is allowed
    await socket.disconnect()


# kind: the frame's fields, then who is refused.
FRAMES: dict[str, dict[str, Any]] = {
    "conversation.join": {},
    "message.send": {"text": " ", "key": "6b2f6f0e-6a3c-4a64-9c0a-2b1f9f6c8f11"},
    "message.stop": {},
    "message.retry": {},
    "message.continue": {},
}
# What a member hears: refused for a length or a model, not for who they are.
ALLOWED = {
    "conversation.join": "conversation.joined",
    "message.send": "message_unfit",
    "message.stop": "",
    "message.retry": "nothing_to_answer",
    "message.continue": "nothing_to_answer",
}


def test_every_command_stands_in_the_matrix() -> None:
    assert set(FRAMES) == set(COMMANDS) == set(ALLOWED)


async def socket_of(person: User | None) -> WebsocketCommunicator:
    socket = WebsocketCommunicator(Page.as_asgi(), "/ws/")
    socket.scope["user"] = person or AnonymousUser()
    await socket.connect()
    return socket


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("kind", FRAMES)
async def test_each_command_answers_each_person_as_it_should(
    kind: str, role: str, house: House
) -> None:
    socket = await socket_of(house.people[role])
    first = await socket.receive_output()
    if role == "anonymous":
        assert first == {"type": "websocket.close", "code": 4401}
        return
    frame = {"kind": kind, "conversation": house.conversation.pk, **FRAMES[kind]}
    if kind in ("message.stop", "message.retry", "message.continue"):
        frame["message"] = house.broken.pk

    await socket.send_to(text_data=json.dumps(frame))
    await socket.send_to(text_data="{}")
    heard = json.loads(await socket.receive_from())

    said = heard.get("code") or heard["kind"]
    if role in ("owner", "member"):
        assert said == (ALLOWED[kind] or "bad_command")
    else:
        assert said == "not_found"
    await socket.disconnect()
