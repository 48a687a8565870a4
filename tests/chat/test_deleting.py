import asyncio
import json
from typing import Any

import pytest
from channels.layers import get_channel_layer
from django.db import connection
from django.test import Client
from django.urls import reverse

from chat.models import Conversation, Message, Unsent
from chat.services.conversations import delete_conversation
from dashboard.errors import NotAllowed, NotFound
from dashboard.live.db import in_db
from dashboard.live.events import WRITERS, person_group
from dashboard.people.models import User
from tests.make import make_conversation, make_message, make_person, make_reply

pytestmark = pytest.mark.django_db


@pytest.fixture
def member() -> User:
    return make_person()


@pytest.fixture
def conversation(person: User, member: User) -> Conversation:
    """With a branch, an open reply, places in it and something unsent."""
    made = make_conversation(person, member, title="To go")
    asked = make_message(made, author=person)
    make_reply(made, "Once.", parent=asked, status="done")
    reply = make_reply(made, "Twice", parent=asked, asked_by=person)
    made.participants.update(leaf=reply)
    Unsent.objects.create(person=member, conversation=made, text="And then")
    return made


def room() -> tuple[User, User, Conversation, Message]:
    owner, member = make_person(), make_person()
    conversation = make_conversation(owner, member)
    return owner, member, conversation, make_reply(conversation)


def test_the_owner_deletes_all_of_it(conversation: Conversation, person: User) -> None:
    other = make_message(make_conversation(person))

    delete_conversation(conversation.pk, person=person)

    connection.check_constraints()
    assert not Unsent.objects.exists()
    assert list(Message.objects.all()) == [other]
    assert [each.pk for each in Conversation.objects.all()] == [other.conversation_id]


def test_nobody_else_deletes_it(conversation: Conversation, member: User) -> None:
    with pytest.raises(NotAllowed):
        delete_conversation(conversation.pk, person=member)
    with pytest.raises(NotFound):
        delete_conversation(conversation.pk, person=make_person())

    assert conversation.messages.count() == 3


@pytest.mark.django_db(transaction=True)
async def test_the_pages_of_all_its_people_and_the_writer_hear_of_it() -> None:
    owner, member, conversation, reply = await in_db(room)()
    layer = get_channel_layer()
    ears = {}
    for group in (person_group(owner.pk), person_group(member.pk), WRITERS):
        ears[group] = await layer.new_channel()
        await layer.group_add(group, ears[group])

    await in_db(delete_conversation)(conversation.pk, person=owner)

    async with asyncio.timeout(10):
        heard = [
            json.loads((await layer.receive(ear))["frame"]) for ear in ears.values()
        ]
    left = {"kind": "conversation.left", "conversation": conversation.pk}
    assert heard == [
        {**left, "person": owner.pk},
        {**left, "person": member.pk},
        {"kind": "message.stop_wanted", "message": reply.pk},
    ]


def test_it_is_deleted_once(conversation: Conversation, person: User) -> None:
    delete_conversation(conversation.pk, person=person)

    with pytest.raises(NotFound):
        delete_conversation(conversation.pk, person=person)


def test_a_long_conversation_takes_no_query_per_message(person: User) -> None:
    conversation = make_conversation(person)
    rows = [Message(conversation=conversation, status="said") for _ in range(2000)]
    Message.objects.bulk_create(rows)
    asked: list[str] = []

    def note(execute: Any, sql: str, *rest: Any) -> Any:
        asked.append(sql)
        return execute(sql, *rest)

    with connection.execute_wrapper(note):
        delete_conversation(conversation.pk, person=person)

    assert len(asked) < 40
    assert not Message.objects.exists()


def test_the_page_tells_how_much_goes_and_from_whom(
    conversation: Conversation, signed_in: Client
) -> None:
    page = signed_in.get(reverse("conversation-delete", args=[conversation.pk]))

    text = page.content.decode()
    assert "It holds 3 messages." in text
    assert "2 people are in it" in text
    assert "To go" in text


def test_after_a_deletion_one_is_at_home_and_told_so(
    conversation: Conversation, signed_in: Client
) -> None:
    url = reverse("conversation-delete", args=[conversation.pk])

    response = signed_in.post(url, follow=True)

    assert response.redirect_chain == [("/", 302)]
    assert "The conversation is deleted." in response.content.decode()
