"""Watching the status by the socket, and the line in a conversation's head."""

import json

import redis
from channels.testing import WebsocketCommunicator
from django.test import Client

from dashboard.live.bus import emit
from dashboard.live.events import NodeChanged
from dashboard.people.models import User
from dashboard.routing import Page
from models_app.gpu.keys import WATCH_SECONDS, WATCHED
from tests.make import make_backend, make_conversation, make_model


async def open_socket(person: User) -> WebsocketCommunicator:
    socket = WebsocketCommunicator(Page.as_asgi(), "/ws/")
    socket.scope["user"] = person
    await socket.connect()
    await socket.receive_from()
    return socket


async def said(socket: WebsocketCommunicator, kind: str) -> None:
    await socket.send_to(text_data=json.dumps({"kind": kind}))


async def heard(socket: WebsocketCommunicator) -> str:
    return str(json.loads(await socket.receive_from())["kind"])


async def test_whoever_watches_hears_hosts_and_has_them_sample_often(
    transactional_db: None, person: User, empty_valkey: redis.Redis
) -> None:
    socket = await open_socket(person)

    await said(socket, "status.watch")

    assert await heard(socket) == "status.watching"
    assert 0 < empty_valkey.ttl(WATCHED) <= WATCH_SECONDS
    await emit(NodeChanged(7))
    assert await heard(socket) == "node.changed"
    await socket.disconnect()


async def test_watching_on_is_not_answered_again(
    transactional_db: None, person: User
) -> None:
    socket = await open_socket(person)

    await said(socket, "status.watch")
    await said(socket, "status.watch")
    await said(socket, "ping")

    assert {await heard(socket), await heard(socket)} == {"status.watching", "pong"}
    assert await socket.receive_nothing()
    await socket.disconnect()


async def test_whoever_has_left_hears_no_more(
    transactional_db: None, person: User
) -> None:
    socket = await open_socket(person)
    await said(socket, "status.watch")
    await heard(socket)

    await said(socket, "status.leave")
    await said(socket, "nonsense")
    assert await heard(socket) == "command.failed"
    await emit(NodeChanged(7))

    assert await socket.receive_nothing()
    await socket.disconnect()


def test_the_head_of_a_conversation_says_what_is_behind_its_model(
    signed_in: Client, person: User
) -> None:
    make_model("tiny", backend=make_backend(name="here"), loaded=True, memory=2**31)
    conversation = make_conversation(person)

    line = signed_in.get(f"/c/{conversation.pk}/behind/").content.decode()

    assert "idle" in line
    assert "here" in line
    assert "2.1 GB" in line


def test_the_line_is_absent_when_nothing_is_known(
    signed_in: Client, person: User
) -> None:
    conversation = make_conversation(person, target="model:gone")

    assert signed_in.get(f"/c/{conversation.pk}/behind/").content.strip() == b""
