import asyncio
import json
import uuid
from pathlib import Path
from typing import Any

import pytest
from channels.testing import WebsocketCommunicator

from chat.generation import generate
from chat.models import Conversation, Message
from chat.services.replies import request_stop
from chat.services.turns import Turn, start_turn
from chat.writers import interrupt_all
from dashboard.live.background import in_background
from dashboard.live.db import in_db
from dashboard.people.models import User
from dashboard.routing import Page
from models_app.models import Backend
from models_app.sealing import seal
from models_app.snapshot import forget
from tests.fakes.replay import Answer, End, replaying
from tests.make import make_backend, make_conversation, make_model, make_person

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("serving"),
]

RECORDINGS = Path(__file__).parent.parent / "recordings"
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
    turn = start_turn(conversation.pk, person=owner, text="Hi", key=uuid.uuid4())
    assert turn is not None
    return turn


async def begun(url: str) -> tuple[Turn, User]:
    conversation, owner = await in_db(room)(url)
    return await in_db(begin)(conversation, owner), owner


async def closed(turn: Turn) -> Message:
    return await in_db(Message.objects.get)(pk=turn.message)


async def test_a_whole_reply_is_kept_with_what_it_cost() -> None:
    async with replaying({CHAT: Answer(stream("Hel", "lo", "."))}) as server:
        turn, _ = await begun(server.url)

        await generate(turn)

    reply = await closed(turn)
    assert (reply.status, reply.text, reply.server) == ("done", "Hello.", "gpu-01")
    assert (reply.prompt_tokens, reply.completion_tokens) == (9, 3)
    assert reply.first_token_ms is not None
    assert "<p>Hello.</p>" in reply.html


async def test_reasoning_is_kept_beside_the_text() -> None:
    body = (RECORDINGS / "openai-chat-stream.sse").read_bytes()
    async with replaying({CHAT: Answer(body)}) as server:
        turn, _ = await begun(server.url)

        await generate(turn)

    reply = await closed(turn)
    assert reply.reasoning
    assert reply.text
    assert reply.thought_ms is not None


async def test_a_stream_that_breaks_keeps_its_text_and_says_why() -> None:
    answer = Answer(stream("so ", "far", finish=False), end=End.EARLY)
    async with replaying({CHAT: answer}) as server:
        turn, _ = await begun(server.url)

        await generate(turn)

    reply = await closed(turn)
    assert (reply.status, reply.text) == ("failed", "so far")
    assert reply.error_code == "backend_broken"
    assert reply.error_facts["server"] == "gpu-01"


async def test_a_dead_server_fails_the_reply_at_once() -> None:
    turn, _ = await begun("http://127.0.0.1:9")

    await generate(turn)

    reply = await closed(turn)
    assert (reply.status, reply.error_code) == ("failed", "backend_unreachable")


async def test_a_stop_hangs_up_on_the_server_and_keeps_the_text() -> None:
    answer = Answer(stream("so far", finish=False), end=End.HANG)
    async with replaying({CHAT: answer}) as server:
        turn, owner = await begun(server.url)
        writing = in_background(generate(turn))
        await until_text(turn)

        await in_db(request_stop)(
            turn.conversation, message_id=turn.message, person=owner
        )
        await asyncio.wait_for(writing, 5)

        await asyncio.wait_for(server.hung_up.wait(), 5)
    reply = await closed(turn)
    assert (reply.status, reply.text) == ("stopped", "so far")


async def test_a_process_that_ends_closes_its_replies_as_interrupted() -> None:
    answer = Answer(stream("so far", finish=False), end=End.HANG)
    async with replaying({CHAT: answer}) as server:
        turn, _ = await begun(server.url)
        writing = in_background(generate(turn))
        await until_text(turn)

        await asyncio.wait_for(interrupt_all(), 5)
        await writing

    reply = await closed(turn)
    assert (reply.status, reply.text) == ("interrupted", "so far")


async def test_pages_hear_all_of_a_reply_in_order() -> None:
    texts = ["One ", "two.\n\n", "Three ", "four."]
    async with replaying({CHAT: Answer(stream(*texts))}) as server:
        conversation, owner = await in_db(room)(server.url)
        socket = await joined(conversation, owner)

        await socket.send_json_to(
            {
                "kind": "message.send",
                "conversation": conversation.pk,
                "text": "Hi",
                "key": str(uuid.uuid4()),
            }
        )
        frames = await heard(socket, until="message.closed")

    assert [each["kind"] for each in frames].count("message.added") == 1
    steps = [each for each in frames if "seq" in each]
    assert [each["seq"] for each in steps] == list(range(1, len(steps) + 1))
    await socket.disconnect()


async def test_the_key_of_a_server_travels_to_it() -> None:
    async with replaying({CHAT: Answer(stream("Hi"))}) as server:
        turn, _ = await begun(server.url)
        await in_db(Backend.objects.update)(sealed_key=seal("s3cret"))
        forget()

        await generate(turn)

    assert server.asked[0].headers["authorization"] == "Bearer s3cret"
    assert server.asked[0].json["messages"] == [{"role": "user", "content": "Hi"}]


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


async def heard(socket: WebsocketCommunicator, *, until: str) -> list[dict[str, Any]]:
    frames = []
    while True:
        frames.append(await socket.receive_json_from(timeout=5))
        if frames[-1]["kind"] == until:
            return frames
