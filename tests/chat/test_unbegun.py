"""Replies that only waited when their web process died."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from chat.generation import generate
from chat.models import LEAP, Conversation, Message
from chat.services.people import add_participant, remove_participant
from chat.services.replies import Beat, checkpoint, close_abandoned, request_stop
from chat.services.unbegun import UNHEARD, hand_on, take_up
from chat.taking_up import keep_taking_up, write_the_unbegun
from chat.writers import interrupt_all
from dashboard.live.background import in_background
from dashboard.live.db import in_db
from dashboard.people.models import User
from models_app.models import LanguageModel
from tests.fakes.conversing import CHAT, begin, begun, closed, room, stream
from tests.fakes.replay import Answer, End, replaying
from tests.make import make_broken_reply, make_conversation, make_model, make_person

pytestmark = pytest.mark.django_db


@pytest.fixture
def conversation(person: User) -> Conversation:
    make_model("tiny")
    return make_conversation(person)


def left_by(person: User, conversation: Conversation, **fields: Any) -> Message:
    """A reply that waited in line when its process was killed half a minute ago."""
    beat_at = timezone.now() - timedelta(seconds=30)
    way = {"phase": {"phase": "queued"}, "at": beat_at.timestamp()}
    known = {"status": "open", "asked_by": person, "beat_at": beat_at, "way": way}
    return make_broken_reply(conversation, "", **{**known, **fields})


def taken() -> list[int]:
    return [turn.message for turn in take_up(before=timezone.now() - UNHEARD)]


def swept(reply: Message, *, left: float = 60) -> str:
    """How the reply stands after a sweep; the unbegun have so many seconds."""
    now = timezone.now()
    unbegun = now - timedelta(seconds=left)
    close_abandoned(before=now - timedelta(seconds=6), unbegun_before=unbegun)
    reply.refresh_from_db()
    return reply.status


def test_a_reply_that_waited_in_line_is_asked_for_again(
    conversation: Conversation, person: User
) -> None:
    reply = left_by(person, conversation)

    [turn] = take_up(before=timezone.now() - UNHEARD)

    said = Message.objects.get(children=reply)
    assert (turn.message, turn.ask.person) == (reply.pk, person)
    assert [each.text for each in turn.ask.messages] == [said.text]
    reply.refresh_from_db()
    assert (reply.status, reply.seq, turn.kept.seq) == ("open", LEAP, LEAP)


def test_of_all_processes_one_takes_it_up(
    conversation: Conversation, person: User
) -> None:
    reply = left_by(person, conversation)

    assert taken() == [reply.pk]

    assert taken() == []


def test_a_writer_that_was_only_stuck_hears_that_it_is_no_more(
    conversation: Conversation, person: User
) -> None:
    reply = left_by(person, conversation)
    taken()

    stops = checkpoint([Beat(reply.pk, 3, "late", "", "gpu-01")])

    reply.refresh_from_db()
    assert (stops, reply.text) == ({reply.pk}, "")


@pytest.mark.parametrize(
    "fields",
    [
        {"server": "gpu-01"},
        {"text": "so far"},
        {"reasoning": "Hm."},
        {"stop_requested": True},
        {"asked_by": None},
        {"seq": 3 * LEAP},
        {"beat_at": timezone.now() + timedelta(hours=1)},
    ],
)
def test_nothing_else_is_taken_up(
    fields: dict[str, Any], conversation: Conversation, person: User
) -> None:
    reply = left_by(person, conversation)
    Message.objects.filter(pk=reply.pk).update(**fields)

    assert taken() == []


def test_a_model_that_is_gone_meanwhile_is_told(
    conversation: Conversation, person: User
) -> None:
    reply = left_by(person, conversation)
    LanguageModel.objects.all().delete()

    assert taken() == []

    reply.refresh_from_db()
    assert (reply.status, reply.error_code) == ("failed", "nothing_to_answer")


def test_for_whoever_was_taken_out_it_is_asked_no_more(
    conversation: Conversation, person: User
) -> None:
    otto = make_person("otto")
    reply = left_by(otto, conversation)
    add_participant(conversation.pk, by=person, username="otto")
    remove_participant(conversation.pk, by=person, person_id=otto.pk)

    assert taken() == []
    reply.refresh_from_db()
    assert (reply.status, reply.error_code) == ("failed", "not_found")


def test_the_sweeper_leaves_it_for_a_while_to_those_who_may_take_it_up(
    conversation: Conversation, person: User
) -> None:
    reply = left_by(person, conversation)

    assert swept(reply) == "open"
    assert swept(reply, left=20) == "interrupted"


def test_whoever_left_the_queue_of_a_dead_process_has_left_it(
    conversation: Conversation, person: User
) -> None:
    reply = left_by(person, conversation)
    request_stop(conversation.pk, message_id=reply.pk, person=person)

    assert swept(reply) == "stopped"
    assert reply.way == {"queued": True}


def test_one_that_nobody_took_up_says_that_it_never_began_and_is_asked_again_by_a_click(
    conversation: Conversation, person: User, signed_in: Client
) -> None:
    reply = left_by(person, conversation)
    swept(reply, left=20)

    address = reverse("message", args=[conversation.pk, reply.pk])
    page = signed_in.get(address).content.decode()

    assert "interrupted before it began" in page
    assert 'data-command="message.retry"' in page


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("serving")
async def test_a_process_that_ends_leaves_it_to_the_next_one_at_once() -> None:
    async with replaying({CHAT: Answer(stream("never"), end=End.HANG)}) as server:
        turn, _ = await begun(server.url)
        await interrupt_all()

        await asyncio.wait_for(generate(turn), 5)

    reply = await closed(turn)
    assert reply.status == "open"
    assert await in_db(taken)() == [reply.pk]


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("serving")
async def test_the_next_process_writes_what_was_left() -> None:
    async with replaying({CHAT: Answer(stream("Here ", "it is."))}) as server:
        conversation, owner = await in_db(room)(server.url)
        turn = await in_db(begin)(conversation, owner)
        await in_db(hand_on)(turn.message, seq=0)

        await write_the_unbegun()
        async with asyncio.timeout(5):
            while (await closed(turn)).status == "open":
                await asyncio.sleep(0.02)

    reply = await closed(turn)
    assert (reply.status, reply.text) == ("done", "Here it is.")


async def test_a_process_that_ends_takes_up_nothing() -> None:
    looking = in_background(keep_taking_up())
    await interrupt_all()

    await asyncio.wait_for(looking, 5)
