"""The looks of each web process for replies that only waited with another one."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connection
from django.db.models import F
from django.utils import timezone

from chat.generation import generate
from chat.models import HANDED_ON, Message
from chat.services.turns import Turn
from chat.services.unbegun import UNHEARD, hand_on, left_waiting
from chat.taking_up import keep_taking_up, write_the_unbegun
from chat.writers import interrupt_all, is_writing
from dashboard.live.background import in_background
from dashboard.live.db import in_db
from dashboard.people.models import User
from models_app.models import Backend, LanguageModel, Quota
from models_app.snapshot import forget
from tests.at_door import come_in
from tests.fakes.conversing import CHAT, begin, begun, closed, room, stream
from tests.fakes.replay import Answer, End, replaying
from tests.make import make_conversation

pytestmark = pytest.mark.django_db(transaction=True)


def left(after: timedelta = timedelta()) -> list[int]:
    """Those who are left to any process, now or so much later."""
    before = timezone.now() - UNHEARD + after
    return [each.message for each in left_waiting(before=before)]


@pytest.mark.usefixtures("serving")
async def test_a_process_that_ends_leaves_it_to_the_next_one_at_once() -> None:
    async with replaying({CHAT: Answer(stream("never"), end=End.HANG)}) as server:
        turn, _ = await begun(server.url)
        await interrupt_all()

        await asyncio.wait_for(generate(turn), 5)

    reply = await closed(turn)
    assert reply.status == "open"
    assert await in_db(left)() == [reply.pk]


async def until_closed(turn: Turn) -> None:
    async with asyncio.timeout(5):
        while (await closed(turn)).status == "open":
            await asyncio.sleep(0.02)


@pytest.mark.usefixtures("serving")
async def test_the_next_process_writes_what_was_left() -> None:
    async with replaying({CHAT: Answer(stream("Here ", "it is."))}) as server:
        conversation, owner = await in_db(room)(server.url)
        turn = await in_db(begin)(conversation, owner)
        await in_db(hand_on)(turn.message, seq=0)

        await write_the_unbegun()
        await until_closed(turn)

    reply = await closed(turn)
    assert (reply.status, reply.text) == ("done", "Here it is.")


async def left_in(url: str) -> Turn:
    """A reply whose writer was heard half a minute ago."""
    turn, _ = await begun(url)
    beat_at = timezone.now() - timedelta(seconds=30)
    await in_db(Message.objects.update)(beat_at=beat_at)
    return turn


async def left_for_a_model_that_is_gone() -> Turn:
    """Whoever takes it up closes it."""
    turn = await left_in("http://127.0.0.1:9")
    await in_db(LanguageModel.objects.all().delete)()
    forget()
    return turn


async def test_what_is_unheard_is_taken_up_at_the_second_look() -> None:
    turn = await left_for_a_model_that_is_gone()

    seen = await write_the_unbegun()
    first = await closed(turn)
    await write_the_unbegun(seen)

    assert (first.status, (await closed(turn)).status) == ("open", "failed")


async def test_who_is_heard_between_two_looks_lives() -> None:
    turn = await left_for_a_model_that_is_gone()
    seen = await write_the_unbegun()
    await in_db(Message.objects.update)(beat_at=F("created_at") - UNHEARD)

    await write_the_unbegun(seen)

    assert (await closed(turn)).status == "open"


@pytest.mark.usefixtures("serving")
async def test_a_process_never_takes_up_what_it_writes_itself() -> None:
    async with replaying({CHAT: Answer(stream("never"), end=End.HANG)}) as server:
        turn = await left_in(server.url)
        under_way = in_background(generate(turn))
        async with asyncio.timeout(5):
            while not is_writing(turn.message):
                await asyncio.sleep(0)

        assert await write_the_unbegun(await write_the_unbegun()) == []

        assert (await closed(turn)).seq == 0
        await interrupt_all()
        await asyncio.wait_for(under_way, 5)


def another_waits(beside: Turn) -> Turn:
    """Of the same person, in another conversation."""
    reply = Message.objects.get(pk=beside.message)
    assert reply.asked_by is not None
    turn = begin(make_conversation(reply.asked_by), reply.asked_by)
    Message.objects.filter(pk=turn.message).update(beat_at=reply.beat_at)
    return turn


def can_move_on_no_more(turn: Turn) -> None:
    """Its number is the largest that the database takes."""
    _, most = connection.ops.integer_field_range("PositiveIntegerField")
    ours = Message.objects.filter(pk=turn.message)
    ours.update(seq=most, way={HANDED_ON: True})


@pytest.mark.usefixtures("serving")
async def test_one_that_cannot_be_asked_anew_keeps_no_other_from_it() -> None:
    async with replaying({CHAT: Answer(stream("Here ", "it is."))}) as server:
        broken = await left_in(server.url)
        other = await in_db(another_waits)(broken)
        await in_db(can_move_on_no_more)(broken)

        await write_the_unbegun(await write_the_unbegun())

        await until_closed(other)
    assert (await closed(broken)).status == "open"
    assert (await closed(other)).status == "done"


@pytest.mark.usefixtures("serving", "empty_door")
async def test_one_whose_place_is_held_by_the_writer_before_is_asked_for_later() -> (
    None
):
    async with replaying({CHAT: Answer(stream("never"))}) as server:
        turn, owner = await begun(server.url)
        await in_db(may_have)(owner, at_once=1)
        taken_up = replace(turn, taken_up=True)

        await asyncio.wait_for(generate(taken_up), 5)

    reply = await closed(turn)
    assert (reply.status, reply.is_handed_on) == ("open", True)
    assert await in_db(left)() == []
    assert await in_db(left)(after=UNHEARD) == [turn.message]


@pytest.mark.usefixtures("serving", "empty_door")
async def test_whoever_may_have_no_reply_at_all_is_told() -> None:
    async with replaying({CHAT: Answer(stream("never"))}) as server:
        turn, owner = await begun(server.url)
        await in_db(may_have)(owner, at_once=0)

        await asyncio.wait_for(generate(replace(turn, taken_up=True)), 5)

    reply = await closed(turn)
    assert (reply.status, reply.error_code) == ("failed", "places_spent")


def may_have(person: User, *, at_once: int) -> None:
    """So many replies, all of which the person has."""
    Quota.objects.create(person=person, at_once=at_once)
    forget()
    come_in(person, Backend.objects.get())


async def test_a_process_that_ends_takes_up_nothing() -> None:
    looking = in_background(keep_taking_up())
    await interrupt_all()

    await asyncio.wait_for(looking, 5)
