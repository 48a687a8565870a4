import pytest

from chat.draft import Draft
from chat.generation import generate
from chat.models import Conversation
from chat.services.again import continue_reply, retry_reply
from chat.services.turns import Turn
from chat.writers import writing
from dashboard.live.db import in_db
from dashboard.people.models import User
from models_app.models import Backend
from models_app.snapshot import forget
from tests.fakes.conversing import (
    CHAT,
    begun,
    closed,
    heard,
    joined,
    stream,
)
from tests.fakes.replay import Answer, End, replaying, told
from tests.make import make_model

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("serving"),
]

BREAKS = Answer(stream("One.\n\nTwo ", "and", finish=False), end=End.EARLY)
RESTS = Answer(stream(" three.\n\n", "Four."))
REFUSES = told({"error": {"message": "no slot"}}, status=500)


async def broken(url: str) -> tuple[Turn, User]:
    """A reply that has been written as far as its server went."""
    turn, owner = await begun(url)
    await generate(turn)
    return turn, owner


async def going_on(turn: Turn, owner: User) -> Turn:
    return await in_db(continue_reply)(
        turn.conversation, message_id=turn.message, person=owner
    )


async def test_the_rest_of_a_reply_joins_its_text() -> None:
    async with replaying({CHAT: [BREAKS, RESTS]}) as server:
        turn, owner = await broken(server.url)

        await generate(await going_on(turn, owner))

    reply = await closed(turn)
    assert (reply.status, reply.error_code) == ("done", "")
    assert reply.text == "One.\n\nTwo and three.\n\nFour."
    assert "<p>Two and three.</p>" in reply.html
    *_, asked, _ = server.asked[-1].json["messages"]
    assert asked == {"role": "assistant", "content": "One.\n\nTwo and"}


async def test_a_continuation_that_fails_at_once_keeps_all_that_was_there() -> None:
    async with replaying({CHAT: [BREAKS, REFUSES]}) as server:
        turn, owner = await broken(server.url)
        before = await closed(turn)

        await generate(await going_on(turn, owner))

    reply = await closed(turn)
    assert (reply.status, reply.error_code) == ("failed", "backend_refused")
    assert (reply.text, reply.html) == (before.text, before.html)
    assert reply.seq > before.seq


async def test_a_reply_can_go_on_as_often_as_it_breaks_off() -> None:
    more = Answer(stream(" more", finish=False), end=End.EARLY)
    async with replaying({CHAT: [BREAKS, more, RESTS]}) as server:
        turn, owner = await broken(server.url)

        for _ in range(2):
            await generate(await going_on(turn, owner))

    reply = await closed(turn)
    assert (reply.status, reply.text) == (
        "done",
        "One.\n\nTwo and more three.\n\nFour.",
    )


async def test_a_retry_is_written_beside_what_broke_off() -> None:
    async with replaying({CHAT: [BREAKS, RESTS]}) as server:
        turn, owner = await broken(server.url)

        another = await in_db(retry_reply)(
            turn.conversation, message_id=turn.message, person=owner
        )
        await generate(another)

    assert (await closed(turn)).text == "One.\n\nTwo and"
    assert (await closed(another)).text == " three.\n\nFour."


async def test_pages_hear_of_the_reopened_reply_and_then_of_its_rest() -> None:
    async with replaying({CHAT: [BREAKS, RESTS]}) as server:
        turn, owner = await broken(server.url)
        socket = await joined(await in_db(conversation_of)(turn), owner)

        await socket.send_json_to(wish("message.continue", turn))
        frames = await heard(socket, until="message.closed")

    kinds = [each["kind"] for each in frames if "message" in each]
    assert (kinds[0], kinds[-1]) == ("message.reopened", "message.closed")
    last, seqs = (await closed(turn)).seq, [f["seq"] for f in frames if "seq" in f]
    assert seqs == list(range(last - len(seqs) + 1, last + 1))
    await socket.disconnect()


async def test_a_page_can_ask_another_model_over_its_socket() -> None:
    async with replaying({CHAT: [BREAKS, RESTS]}) as server:
        turn, owner = await broken(server.url)
        await in_db(make_model)("other", backend=await in_db(Backend.objects.get)())
        forget()
        socket = await joined(await in_db(conversation_of)(turn), owner)

        await socket.send_json_to(wish("message.retry", turn, target="model:other"))
        frames = await heard(socket, until="message.closed")

    assert "message.added" in [each["kind"] for each in frames]
    assert server.asked[-1].json["model"] == "other"
    await socket.disconnect()


async def test_a_writer_that_was_stuck_ends_when_another_writes_its_reply() -> None:
    with writing(1, Draft()) as stuck:
        with writing(1, Draft()) as other:
            assert stuck.stop.is_set()
            assert not other.stop.is_set()

        assert other.closed.is_set()
        assert not stuck.closed.is_set()


def conversation_of(turn: Turn) -> Conversation:
    return Conversation.objects.get(pk=turn.conversation)


def wish(kind: str, turn: Turn, **more: str) -> dict[str, object]:
    place = {"conversation": turn.conversation, "message": turn.message}
    return {"kind": kind, **place, **more}
