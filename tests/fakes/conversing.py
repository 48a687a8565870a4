"""A conversation with a model server that replays, and what came of it."""

import asyncio
import json
import uuid
from typing import Any

from channels.layers import get_channel_layer
from channels.testing import WebsocketCommunicator

from chat.models import Conversation, Message
from chat.services.turns import Turn, Words, start_turn
from dashboard.live.db import in_db
from dashboard.people.models import User
from dashboard.routing import Page
from tests.make import make_backend, make_conversation, make_model, make_person

CHAT = "/v1/chat/completions"


def stream(*texts: str, finish: bool = True) -> bytes:
    """What an OpenAI-compatible server sends for these pieces of text."""
    chunks: list[dict[str, Any]] = [
        {"choices": [{"index": 0, "delta": {"content": text}}]} for text in texts
    ]
    if finish:
        end = {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}
        usage = {"prompt_tokens": 9, "completion_tokens": len(texts)}
        chunks += [end, {"choices": [], "usage": usage}]
    lines = [f"data: {json.dumps(chunk)}\n\n" for chunk in chunks]
    return "".join([*lines, "data: [DONE]\n\n"] if finish else lines).encode()


def room(url: str) -> tuple[Conversation, User]:
    owner = make_person()
    make_model("tiny", backend=make_backend(name="gpu-01", base_url=url))
    return make_conversation(owner), owner


def begin(conversation: Conversation, owner: User) -> Turn:
    turn = start_turn(conversation.pk, person=owner, words=Words("Hi", uuid.uuid4()))
    assert turn is not None
    return turn


async def begun(url: str) -> tuple[Turn, User]:
    conversation, owner = await in_db(room)(url)
    return await in_db(begin)(conversation, owner), owner


async def closed(turn: Turn) -> Message:
    return await in_db(Message.objects.get)(pk=turn.message)


async def until_text(turn: Turn) -> None:
    """Wait for the first checkpoint that holds text."""
    async with asyncio.timeout(10):
        while not (await closed(turn)).text:
            await asyncio.sleep(0.05)


async def joined(conversation: Conversation, person: User) -> WebsocketCommunicator:
    socket = WebsocketCommunicator(Page.as_asgi(), "/ws/")
    socket.scope["user"] = person
    await socket.connect()
    await socket.send_json_to(
        {"kind": "conversation.join", "conversation": conversation.pk}
    )
    await heard(socket, until="conversation.joined")
    return socket


def come_back() -> None:
    """What the layer does when its link to Redis is there again."""
    for shard in get_channel_layer()._get_layer()._shards:
        shard.healed()


async def heard(socket: WebsocketCommunicator, *, until: str) -> list[dict[str, Any]]:
    frames = []
    while True:
        frames.append(await socket.receive_json_from(timeout=5))
        if frames[-1]["kind"] == until:
            return frames
