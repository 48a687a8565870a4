import asyncio
import uuid
from pathlib import Path

import pytest

from chat.generation import generate
from chat.services.replies import request_stop
from chat.writers import interrupt_all
from dashboard.live.background import in_background
from dashboard.live.db import in_db
from models_app.models import Backend
from models_app.sealing import seal
from models_app.snapshot import forget
from tests.fakes.conversing import (
    CHAT,
    begun,
    closed,
    heard,
    joined,
    room,
    stream,
    until_text,
)
from tests.fakes.replay import Answer, End, replaying

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("serving"),
]

RECORDINGS = Path(__file__).parent.parent / "recordings"


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
