"""Who may do what: every command of the socket, for every kind of person."""

import json
from typing import Any

import pytest
from channels.testing import WebsocketCommunicator
from django.contrib.auth.models import AnonymousUser

from dashboard.live.commands import COMMANDS
from dashboard.people.models import User
from dashboard.routing import Page, websockets
from tests.roles import ROLES, House, make_house


@pytest.fixture
def house(transactional_db: None) -> House:
    return make_house()


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


KEY = "6b2f6f0e-6a3c-4a64-9c0a-2b1f9f6c8f11"

# kind: (the frame's fields, what a writer hears, what a viewer hears). Writers are
# refused for a length or a model, not for who they are; "" is silence.
FRAMES: dict[str, tuple[dict[str, Any], str, str]] = {
    "conversation.join": ({}, "conversation.joined", "conversation.joined"),
    "conversation.see": ({"message": 0}, "", ""),
    "presence.beat": ({}, "presence.changed", "presence.changed"),
    "typing": ({}, "", "not_allowed"),
    "draft.keep": ({"text": "so far"}, "draft.kept", "draft.kept"),
    "message.send": ({"text": " ", "key": KEY}, "message_unfit", "not_allowed"),
    "message.choose": ({"message": None}, "", ""),
    "message.stop": ({"message": None}, "", "not_allowed"),
    "message.retry": ({"message": None}, "nothing_to_answer", "not_allowed"),
    "message.continue": ({"message": None}, "nothing_to_answer", "not_allowed"),
}
# What needs no conversation is for everybody who is signed in.
FOR_ALL: dict[str, tuple[dict[str, Any], str]] = {
    "conversation.start": (
        {"text": " ", "key": KEY, "target": "model:tiny"},
        "message_unfit",
    ),
    "status.watch": ({}, "status.watching"),
    "status.leave": ({}, "bad_command"),
}


def test_every_command_stands_in_the_matrix() -> None:
    # An acknowledgement and a ping are of the link itself: they change nothing.
    assert {*FRAMES, *FOR_ALL} == set(COMMANDS) - {"ack", "ping"}


async def socket_of(person: User | None) -> WebsocketCommunicator:
    socket = WebsocketCommunicator(Page.as_asgi(), "/ws/")
    socket.scope["user"] = person or AnonymousUser()
    await socket.connect()
    return socket


BESIDE = ("place.changed", "conversation.seen")
"""What the other pages of the same person are told, and this one may hear in between."""


async def heard_after(socket: WebsocketCommunicator, frame: dict[str, Any]) -> str:
    """What a page hears first of a frame; the second frame is answered for sure."""
    await socket.send_to(text_data=json.dumps(frame))
    await socket.send_to(text_data="{}")
    heard = {"kind": BESIDE[0]}
    while heard["kind"] in BESIDE:
        heard = json.loads(await socket.receive_from())
    return str(heard.get("code") or heard["kind"])


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("kind", FRAMES)
async def test_each_command_answers_each_person_as_it_should(
    kind: str, role: str, house: House
) -> None:
    fields, for_writers, for_viewers = FRAMES[kind]
    socket = await socket_of(house.people[role])
    first = await socket.receive_output()
    if role == "anonymous":
        assert first == {"type": "websocket.close", "code": 4401}
        return
    frame = {"kind": kind, "conversation": house.conversation.pk, **fields}
    if frame.get("message", 0) is None:
        frame["message"] = house.broken.pk

    said = await heard_after(socket, frame)

    expected = {"owner": for_writers, "member": for_writers, "viewer": for_viewers}
    refused = "conversation.left" if kind == "presence.beat" else "not_found"
    assert said == (expected.get(role, refused) or "bad_command")
    await socket.disconnect()


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("kind", FOR_ALL)
async def test_what_needs_no_conversation_is_for_whoever_is_signed_in(
    kind: str, role: str, house: House
) -> None:
    socket = await socket_of(house.people[role])
    first = await socket.receive_output()
    if role == "anonymous":
        assert first == {"type": "websocket.close", "code": 4401}
        return

    fields, expected = FOR_ALL[kind]
    said = await heard_after(socket, {"kind": kind, **fields})

    assert said == expected
    await socket.disconnect()
