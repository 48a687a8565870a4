import pytest

from chat.models import Conversation, Message
from chat.queries import place_of
from chat.services.branches import delete_branch
from dashboard.errors import NotAllowed, NotFound, NotYours
from dashboard.people.models import User
from tests.make import make_conversation, make_message, make_person, make_reply

pytestmark = pytest.mark.django_db


@pytest.fixture
def member(db: None) -> User:
    return make_person("otto")


@pytest.fixture
def conversation(person: User, member: User) -> Conversation:
    return make_conversation(person, member)


def turn(
    conversation: Conversation, author: User, *, under: Message | None = None
) -> Message:
    """A question with its whole reply, which is what comes back."""
    said = make_message(conversation, author=author, parent=under)
    return make_reply(conversation, "Yes.", parent=said, asked_by=author, status="done")


def delete(message: Message | None, person: User) -> None:
    assert message is not None
    delete_branch(message.conversation_id, message_id=message.pk, person=person)


def test_a_branch_goes_with_all_under_it_and_the_rest_stays(
    conversation: Conversation, person: User
) -> None:
    root = turn(conversation, person)
    kept = turn(conversation, person, under=root)
    gone = turn(conversation, person, under=root)
    turn(conversation, person, under=gone)

    delete(gone.parent, person)

    left = set(conversation.messages.values_list("pk", flat=True))
    assert left == {root.parent_id, root.pk, kept.parent_id, kept.pk}


def test_whoever_looked_at_it_stands_where_it_hung(
    conversation: Conversation, person: User, member: User
) -> None:
    root = turn(conversation, person)
    gone = turn(conversation, person, under=root)
    conversation.participants.update(leaf=gone)

    delete(gone.parent, person)

    assert place_of(member, conversation.pk).leaf == root


def test_the_first_message_can_go_and_leaves_an_empty_conversation(
    conversation: Conversation, person: User
) -> None:
    root = turn(conversation, person)
    conversation.participants.update(leaf=root)

    delete(root.parent, person)

    assert not conversation.messages.exists()
    assert place_of(person, conversation.pk).leaf is None


def test_a_member_deletes_what_only_they_have_written(
    conversation: Conversation, person: User, member: User
) -> None:
    own = turn(conversation, member)

    delete(own.parent, member)

    assert not conversation.messages.exists()


def test_a_member_deletes_nothing_in_which_others_have_written(
    conversation: Conversation, person: User, member: User
) -> None:
    own = turn(conversation, member)
    turn(conversation, person, under=own)
    foreign = turn(conversation, person)

    for message in (own.parent, own, foreign.parent, foreign):
        with pytest.raises(NotYours):
            delete(message, member)

    assert conversation.messages.count() == 6


def test_neither_a_viewer_nor_a_stranger_deletes_anything(
    conversation: Conversation, person: User, member: User
) -> None:
    own = turn(conversation, member)
    conversation.participants.filter(person=member).update(role="viewer")

    with pytest.raises(NotAllowed):
        delete(own, member)
    with pytest.raises(NotFound):
        delete(own, make_person())


def test_thousands_of_messages_go_at_once(
    conversation: Conversation,
    person: User,
    django_assert_max_num_queries: type,
) -> None:
    first = make_message(conversation, author=person)
    at = first
    for _ in range(1_000):
        at = make_message(conversation, author=person, parent=at)

    with django_assert_max_num_queries(40):
        delete(first, person)

    assert not conversation.messages.exists()
