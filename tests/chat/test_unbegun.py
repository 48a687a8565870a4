"""Replies that only waited when their web process died."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, connections, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from chat.models import LEAP, MOST_WRITERS, Conversation, Message
from chat.services.people import add_participant, remove_participant
from chat.services.replies import Beat, checkpoint, close_abandoned, request_stop
from chat.services.turns import Turn
from chat.services.unbegun import UNHEARD, Left, hand_on, left_waiting, take_up
from dashboard.people.models import User
from models_app.models import LanguageModel
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


def waiting() -> list[Left]:
    return left_waiting(before=timezone.now() - UNHEARD)


def turns() -> list[Turn]:
    return [turn for turn in map(take_up, waiting()) if turn is not None]


def taken() -> list[int]:
    return [turn.message for turn in turns()]


def ended_in_order(reply: Message) -> None:
    reply.refresh_from_db()
    hand_on(reply.pk, seq=reply.seq)


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

    [turn] = turns()

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


def test_the_database_looks_at_the_reply_itself_once_it_has_waited_for_its_row(
    conversation: Conversation, person: User
) -> None:
    reply = left_by(person, conversation)

    with CaptureQueriesContext(connection) as asked:
        assert taken() == [reply.pk]

    [update] = [e["sql"] for e in asked if e["sql"].startswith('UPDATE "chat_message"')]
    assert "SELECT" not in update


@pytest.mark.skipif(
    "connection.vendor != 'postgresql'", reason="SQLite lets one write at a time"
)
@pytest.mark.django_db(transaction=True)
def test_of_two_processes_at_the_same_moment_one_takes_it_up(
    conversation: Conversation, person: User
) -> None:
    reply = left_by(person, conversation)
    [left] = waiting()

    with ThreadPoolExecutor(1) as second:
        with transaction.atomic():
            assert take_up(left)
            other = second.submit(in_a_process_of_its_own, left)
            until_it_waits_for_a_row()
        assert other.result(10) is None

    reply.refresh_from_db()
    assert reply.seq == LEAP


def in_a_process_of_its_own(left: Left) -> Turn | None:
    try:
        return take_up(left)
    finally:
        connections.close_all()


def until_it_waits_for_a_row() -> None:
    waits = "SELECT count(*) FROM pg_locks WHERE NOT granted"
    ends = time.monotonic() + 10
    with connection.cursor() as cursor:
        while time.monotonic() < ends:
            cursor.execute(waits)
            if cursor.fetchone()[0]:
                return
            time.sleep(0.02)
    raise TimeoutError


def test_three_writers_have_it_and_no_fourth(
    conversation: Conversation, person: User
) -> None:
    reply = left_by(person, conversation)
    old, writers = reply.beat_at, 1

    while taken():
        writers += 1
        Message.objects.update(beat_at=old)

    assert writers == MOST_WRITERS == 3


def test_a_writer_that_ends_in_order_is_none_that_it_may_have_ended(
    conversation: Conversation, person: User
) -> None:
    reply = left_by(person, conversation)

    for _ in range(5):
        assert taken() == [reply.pk]
        ended_in_order(reply)

    assert taken() == [reply.pk]


def test_whoever_took_up_what_was_handed_on_and_dies_counts(
    conversation: Conversation, person: User
) -> None:
    reply = left_by(person, conversation, seq=(MOST_WRITERS - 1) * LEAP)
    old = reply.beat_at
    ended_in_order(reply)
    assert taken() == [reply.pk]

    Message.objects.update(beat_at=old)

    assert taken() == []


def test_a_checkpoint_that_comes_after_does_not_hold_up_what_was_handed_on(
    conversation: Conversation, person: User
) -> None:
    reply = left_by(person, conversation)
    ended_in_order(reply)

    checkpoint([Beat(reply.pk, reply.seq, "", "", "")])

    assert taken() == [reply.pk]


def test_a_writer_that_is_heard_again_keeps_its_reply(
    conversation: Conversation, person: User
) -> None:
    reply = left_by(person, conversation)
    [left] = waiting()
    checkpoint([Beat(reply.pk, reply.seq, "", "", "")])

    assert take_up(left) is None

    reply.refresh_from_db()
    assert (reply.status, reply.seq) == ("open", 0)


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
        {"seq": (MOST_WRITERS - 1) * LEAP},
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
