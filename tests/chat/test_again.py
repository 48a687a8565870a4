import uuid
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from chat.models import Conversation, Message
from chat.services.again import continue_reply, reopen, retry_reply
from chat.services.replies import Closing, close_reply
from chat.services.turns import Words, start_turn
from dashboard.errors import (
    BackendUnreachable,
    ConversationBusy,
    ConversationWentOn,
    NotFound,
    NothingToAnswer,
)
from dashboard.people.models import User
from tests.make import (
    make_broken_reply,
    make_conversation,
    make_message,
    make_model,
    make_person,
    make_preset,
)

pytestmark = pytest.mark.django_db

BROKEN = ("failed", "interrupted", "stopped")


@pytest.fixture
def conversation(person: User) -> Conversation:
    make_model("tiny")
    return make_conversation(person)


def retry(reply: Message, person: User, *, target: str = "") -> Message:
    turn = retry_reply(
        reply.conversation_id, message_id=reply.pk, person=person, target=target
    )
    return Message.objects.get(pk=turn.message)


def go_on(reply: Message, person: User) -> Message:
    continue_reply(reply.conversation_id, message_id=reply.pk, person=person)
    return Message.objects.get(pk=reply.pk)


def fail(reply: Message, text: str = "") -> None:
    closing = Closing(
        Message.Status.FAILED,
        reply.seq,
        text,
        error=BackendUnreachable(server="gpu-01", detail="refused"),
    )
    close_reply(reply.pk, closing)


@pytest.mark.parametrize("status", BROKEN)
def test_a_retry_opens_another_reply_to_the_same_message(
    status: str, conversation: Conversation, person: User
) -> None:
    broken = make_broken_reply(conversation, status=status)

    another = retry(broken, person)

    assert (another.parent_id, another.status) == (broken.parent_id, "open")
    assert another.target == broken.target
    broken.refresh_from_db()
    assert (broken.status, broken.text) == (status, "so far")


def test_a_retry_shows_the_model_nothing_of_what_broke_off(
    conversation: Conversation, person: User
) -> None:
    broken = make_broken_reply(conversation)

    turn = retry_reply(conversation.pk, message_id=broken.pk, person=person)

    assert [each.text for each in turn.ask.messages] == ["hello"]
    assert not turn.ask.go_on


def test_a_second_click_opens_no_second_reply(
    conversation: Conversation, person: User
) -> None:
    broken = make_broken_reply(conversation)
    retry(broken, person)

    with pytest.raises(ConversationBusy):
        retry(broken, person)

    assert conversation.messages.count() == 3


def test_what_broke_off_is_not_asked_for_again_once_more_was_said_under_it(
    conversation: Conversation, person: User
) -> None:
    broken = make_broken_reply(conversation)
    make_message(conversation, "Never mind.", parent=broken)

    with pytest.raises(ConversationWentOn):
        retry(broken, person)


def test_whoever_looks_at_what_broke_off_is_taken_along(
    conversation: Conversation, person: User
) -> None:
    broken = make_broken_reply(conversation)
    other = make_person()
    places = conversation.participants
    places.create(person=other, leaf=broken)

    again = retry(broken, person)

    assert set(places.values_list("leaf", flat=True)) == {again.pk}


def test_whoever_looks_at_a_whole_reply_stays_there(
    conversation: Conversation, person: User
) -> None:
    whole = make_broken_reply(conversation, "all of it", status="done")
    other = make_person()
    conversation.participants.create(person=other, leaf=whole)

    again = retry(whole, person)

    assert conversation.participants.get(person=other).leaf == whole
    assert conversation.participants.get(person=person).leaf == again


def test_another_model_answers_and_will_answer_the_next_message(
    conversation: Conversation, person: User
) -> None:
    make_model("other")

    another = retry(make_broken_reply(conversation), person, target="model:other")

    conversation.refresh_from_db()
    assert (another.speaker, conversation.target) == ("other", "model:other")


@pytest.mark.parametrize("service", [retry, go_on])
def test_a_model_that_is_gone_changes_nothing(
    service: object, conversation: Conversation, person: User
) -> None:
    broken = make_broken_reply(conversation, target="model:gone")

    with pytest.raises(NothingToAnswer, match="gone"):
        (retry if service is retry else go_on)(broken, person)

    broken.refresh_from_db()
    assert (broken.status, conversation.messages.count()) == ("failed", 2)


def test_only_participants_ask_again(conversation: Conversation) -> None:
    broken = make_broken_reply(conversation)

    for service in (retry, go_on):
        with pytest.raises(NotFound):
            service(broken, make_person())


def test_what_is_whole_does_not_go_on(conversation: Conversation, person: User) -> None:
    whole = make_broken_reply(conversation, status="done", finish_reason="stop")

    with pytest.raises(NotFound):
        go_on(whole, person)


def test_a_whole_reply_gets_another_beside_it(
    conversation: Conversation, person: User
) -> None:
    whole = make_broken_reply(conversation, status="done", finish_reason="stop")

    another = retry(whole, person)

    assert (another.parent_id, another.asked_by) == (whole.parent_id, person)


def test_what_a_person_said_can_be_asked_again(
    conversation: Conversation, person: User
) -> None:
    said = make_message(conversation, author=person)

    assert retry(said, person).parent == said
    with pytest.raises(NotFound):
        go_on(said, person)


@pytest.mark.parametrize(
    ("status", "reason"), [*((each, "") for each in BROKEN), ("done", "length")]
)
def test_to_go_on_reopens_the_same_row_with_its_text(
    status: str, reason: str, conversation: Conversation, person: User
) -> None:
    broken = make_broken_reply(conversation, status=status, seq=7, finish_reason=reason)

    reply = go_on(broken, person)

    assert (reply.status, reply.text, reply.finish_reason) == ("open", "so far", "")
    assert reply.seq > 7
    assert conversation.messages.count() == 2


def test_what_a_reopened_reply_was_stopped_or_failed_for_is_forgotten(
    conversation: Conversation, person: User
) -> None:
    facts = {"server": "gpu-01", "detail": "no end"}
    was: dict[str, Any] = {"error_code": "backend_broken", "error_facts": facts}

    reply = go_on(make_broken_reply(conversation, stop_requested=True, **was), person)

    assert (reply.error_code, reply.error_facts) == ("", {})
    assert not reply.stop_requested


def test_to_go_on_asks_for_the_rest_of_what_is_there(
    conversation: Conversation, person: User
) -> None:
    preset = make_preset(system="Be brief.", parameters={"temperature": 0.1})
    broken = make_broken_reply(conversation, "so far ", target=f"preset:{preset.pk}")

    turn = continue_reply(conversation.pk, message_id=broken.pk, person=person)

    assert [(each.role, each.text) for each in turn.ask.messages] == [
        ("system", "Be brief."),
        ("user", "hello"),
        ("assistant", "so far "),
    ]
    assert turn.ask.go_on
    assert turn.ask.parameters == {"temperature": 0.1}


def test_two_clicks_reopen_a_reply_once(
    conversation: Conversation, person: User
) -> None:
    broken = make_broken_reply(conversation)
    once = go_on(broken, person)

    with pytest.raises(ConversationBusy):
        go_on(broken, person)

    broken.refresh_from_db()
    assert broken.seq == once.seq


def test_a_reply_without_text_cannot_go_on(
    conversation: Conversation, person: User
) -> None:
    with pytest.raises(NotFound):
        go_on(make_broken_reply(conversation, ""), person)


def test_a_reply_under_which_more_was_said_does_not_go_on(
    conversation: Conversation, person: User
) -> None:
    broken = make_broken_reply(conversation)
    make_message(conversation, "Never mind.", parent=broken)

    with pytest.raises(ConversationWentOn):
        go_on(broken, person)

    broken.refresh_from_db()
    assert broken.status == "failed"


def test_the_next_message_follows_the_retry_and_not_what_it_replaced(
    conversation: Conversation, person: User
) -> None:
    another = retry(make_broken_reply(conversation, "Wrong."), person)
    close_reply(another.pk, Closing(Message.Status.DONE, 0, "Right."))

    turn = start_turn(conversation.pk, person=person, words=Words("Why?", uuid.uuid4()))

    assert turn is not None
    assert [each.text for each in turn.ask.messages] == ["hello", "Right.", "Why?"]


def test_a_reply_that_came_to_nothing_is_never_shown_to_a_model(
    conversation: Conversation, person: User
) -> None:
    fail(retry(make_broken_reply(conversation, "Wrong."), person))

    turn = start_turn(conversation.pk, person=person, words=Words("Why?", uuid.uuid4()))

    assert turn is not None
    assert [each.text for each in turn.ask.messages] == ["hello\n\nWhy?"]


def test_a_row_is_reopened_only_as_it_was_read(
    conversation: Conversation, person: User
) -> None:
    reply = make_broken_reply(conversation)
    stale = Message.objects.get(pk=reply.pk)

    reopen(reply, left_out=0, asked_by=person)

    with pytest.raises(ConversationBusy):
        reopen(stale, left_out=0, asked_by=person)


def test_a_reply_without_a_word_may_be_asked_for_again(
    conversation: Conversation, person: User, signed_in: Client
) -> None:
    empty = make_broken_reply(conversation, "", status="done", finish_reason="stop")

    page = signed_in.get(reverse("conversation", args=[conversation.pk]))

    assert b"ended without a word" in page.content
    assert retry(empty, person).status == "open"
