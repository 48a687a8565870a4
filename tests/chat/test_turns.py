import uuid

import pytest

from chat.models import Conversation
from chat.services.turns import Words, begin_turn, start_turn
from dashboard.errors import (
    ConversationBusy,
    MessageUnfit,
    NotFound,
    NothingToAnswer,
)
from dashboard.people.models import User
from tests.make import (
    make_conversation,
    make_model,
    make_person,
    make_preset,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def conversation(person: User) -> Conversation:
    make_model("tiny")
    return make_conversation(person)


def begin(conversation: Conversation, person: User, text: str = "Hello there") -> None:
    start_turn(conversation.pk, person=person, words=Words(text, uuid.uuid4()))


def test_a_turn_keeps_what_was_said_and_opens_a_reply(
    conversation: Conversation, person: User
) -> None:
    begin(conversation, person)

    said, reply = conversation.messages.order_by("pk")
    assert (said.text, said.author, said.status) == ("Hello there", person, "said")
    assert (reply.parent, reply.status, reply.speaker) == (said, "open", "tiny")


def test_the_first_line_becomes_the_title(
    conversation: Conversation, person: User
) -> None:
    begin(conversation, person, "# Why is the sky blue?\n\nIn one line.")

    conversation.refresh_from_db()
    assert conversation.title == "Why is the sky blue?"


def test_a_resend_changes_nothing(conversation: Conversation, person: User) -> None:
    key = uuid.uuid4()
    first = start_turn(conversation.pk, person=person, words=Words("Hi", key))

    again = start_turn(conversation.pk, person=person, words=Words("Hi", key))

    assert first is not None
    assert again is None
    assert conversation.messages.count() == 2


def test_a_conversation_begun_twice_with_one_key_is_one(person: User) -> None:
    make_model("tiny")
    key = uuid.uuid4()
    first, turn = begin_turn(person, words=Words("Hi", key, "model:tiny"))

    again = begin_turn(person, words=Words("Hi", key, "model:tiny"))

    assert turn is not None
    assert again == (first, None)
    assert Conversation.objects.count() == 1


def test_while_a_reply_is_open_the_next_message_waits(
    conversation: Conversation, person: User
) -> None:
    begin(conversation, person)

    with pytest.raises(ConversationBusy):
        begin(conversation, person)

    assert conversation.messages.count() == 2


@pytest.mark.parametrize("text", ["", "  \n", "\0", "x" * 100_001])
def test_a_message_must_have_a_length(
    text: str, conversation: Conversation, person: User
) -> None:
    with pytest.raises(MessageUnfit):
        begin(conversation, person, text)


def test_a_stranger_finds_no_conversation(conversation: Conversation) -> None:
    with pytest.raises(NotFound):
        begin(conversation, make_person())


def test_a_model_that_is_gone_answers_nothing(person: User) -> None:
    conversation = make_conversation(person, target="model:gone")

    with pytest.raises(NothingToAnswer, match="gone"):
        begin(conversation, person)


def test_a_preset_brings_its_system_prompt_and_parameters(person: User) -> None:
    make_model("tiny")
    preset = make_preset(system="Be brief.", parameters={"temperature": 0.1})
    conversation = make_conversation(person, target=f"preset:{preset.pk}")

    turn = start_turn(conversation.pk, person=person, words=Words("Hi", uuid.uuid4()))

    assert turn is not None
    assert turn.ask.messages[0].text == "Be brief."
    assert turn.ask.parameters == {"temperature": 0.1}


def test_half_a_character_is_no_reason_to_lose_the_rest(
    conversation: Conversation, person: User
) -> None:
    begin(conversation, person, "half \ud83d of it")

    said = conversation.messages.get(author=person)
    assert said.text == "half ? of it"
