import uuid

import pytest
from django.test import Client
from django.urls import reverse

from chat.models import Conversation, Unsent
from chat.services.drafts import keep_draft
from chat.services.turns import Words, begin_turn, start_turn
from dashboard.errors import NotFound
from dashboard.people.models import User
from tests.make import make_conversation, make_model, make_person

pytestmark = pytest.mark.django_db


@pytest.fixture
def conversation(person: User) -> Conversation:
    make_model("tiny")
    return make_conversation(person)


def typed(client: Client, url: str) -> bool:
    return ">half a thought</textarea>" in client.get(url).content.decode()


def test_what_was_typed_stands_there_on_the_next_visit(
    conversation: Conversation, person: User, signed_in: Client
) -> None:
    keep_draft(person, conversation_id=conversation.pk, text="half a")
    keep_draft(person, conversation_id=conversation.pk, text="half a thought")

    assert typed(signed_in, reverse("conversation", args=[conversation.pk]))
    assert not typed(signed_in, reverse("home"))


def test_a_new_chat_has_a_draft_of_its_own(
    conversation: Conversation, person: User, signed_in: Client
) -> None:
    keep_draft(person, conversation_id=0, text="half a thought")

    assert typed(signed_in, reverse("home"))
    assert not typed(signed_in, reverse("conversation", args=[conversation.pk]))


def test_an_emptied_draft_is_forgotten(
    conversation: Conversation, person: User
) -> None:
    keep_draft(person, conversation_id=conversation.pk, text="half a thought")
    keep_draft(person, conversation_id=conversation.pk, text=" \n")

    assert not Unsent.objects.exists()


def test_what_is_sent_is_no_draft_any_more(
    conversation: Conversation, person: User
) -> None:
    keep_draft(person, conversation_id=conversation.pk, text="Hi")
    keep_draft(person, conversation_id=0, text="Hi")

    start_turn(conversation.pk, person=person, words=Words("Hi", uuid.uuid4()))
    assert Unsent.objects.get().conversation is None
    begin_turn(make_person(), words=Words("Hi", uuid.uuid4(), "model:tiny"))
    assert Unsent.objects.count() == 1


def test_the_draft_of_a_new_chat_goes_with_its_first_message(
    conversation: Conversation, person: User
) -> None:
    keep_draft(person, conversation_id=0, text="Hi")

    begin_turn(person, words=Words("Hi", uuid.uuid4(), "model:tiny"))

    assert not Unsent.objects.exists()


def test_a_refused_message_leaves_the_draft(person: User) -> None:
    conversation = make_conversation(person, target="model:gone")
    keep_draft(person, conversation_id=conversation.pk, text="Hi")

    with pytest.raises(Exception, match="gone"):
        start_turn(conversation.pk, person=person, words=Words("Hi", uuid.uuid4()))

    assert Unsent.objects.get().text == "Hi"


def test_nobody_types_where_they_are_not(conversation: Conversation) -> None:
    with pytest.raises(NotFound):
        keep_draft(make_person(), conversation_id=conversation.pk, text="x")
