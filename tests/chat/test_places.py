import uuid

import pytest
from django.test import Client
from django.urls import reverse

from chat.lines import lines_before, lines_from, newest_lines
from chat.models import Conversation, Message, Participant
from chat.queries import place_of
from chat.services.again import retry_reply
from chat.services.places import choose_branch, see
from chat.services.turns import How, Spot, Turn, Words, start_turn
from dashboard.errors import ConversationBusy, NotAllowed, NotFound
from dashboard.people.models import User
from tests.make import (
    make_conversation,
    make_message,
    make_model,
    make_person,
    make_reply,
)

pytestmark = pytest.mark.django_db

HERE = Spot()


@pytest.fixture
def other(db: None) -> User:
    return make_person("otto")


@pytest.fixture
def conversation(person: User, other: User) -> Conversation:
    make_model("tiny")
    return make_conversation(person, other)


def say(
    conversation: Conversation, person: User, text: str, *, spot: Spot = HERE
) -> Turn:
    words = Words(text, uuid.uuid4(), spot=spot)
    turn = start_turn(conversation.pk, person=person, words=words)
    assert turn is not None
    return turn


def answer(turn: Turn, text: str = "Yes.") -> int:
    Message.objects.filter(pk=turn.message).update(status="done", text=text)
    return turn.message


def shown(conversation: Conversation, person: User) -> list[str]:
    """The texts of the branch that the person looks at."""
    stretch = newest_lines(place_of(person, conversation.pk))
    return [line.message.text for line in stretch.lines]


def prompt(turn: Turn) -> list[str]:
    return [each.text for each in turn.ask.messages]


def test_two_people_ask_at_once_and_get_two_replies_one_after_the_other(
    conversation: Conversation, person: User, other: User
) -> None:
    first = say(conversation, person, "Mine?")
    second = say(conversation, other, "And mine?")

    assert conversation.messages.open().count() == 2
    for each in (person, other):
        assert shown(conversation, each) == ["Mine?", "", "And mine?", ""]
    assert prompt(first) == ["Mine?"]
    assert prompt(second) == ["And mine?"]


def test_what_another_reply_answers_now_is_told_to_the_next_once_it_is_whole(
    conversation: Conversation, person: User, other: User
) -> None:
    answer(say(conversation, person, "One?"))
    answer(say(conversation, other, "Two?"))

    turn = say(conversation, person, "Three?")

    assert prompt(turn) == [
        "olive: One?",
        "Yes.",
        "otto: Two?",
        "Yes.",
        "olive: Three?",
    ]


def test_one_person_waits_for_their_own_reply(
    conversation: Conversation, person: User
) -> None:
    say(conversation, person, "One?")

    with pytest.raises(ConversationBusy):
        say(conversation, person, "Two?")

    assert conversation.messages.count() == 2


def test_other_words_stand_beside_the_first_ones(
    conversation: Conversation, person: User, other: User
) -> None:
    answer(say(conversation, person, "First."))
    said = conversation.messages.get(text="First.")
    see(conversation.pk, message_id=said.children.get().pk, person=other)

    turn = say(conversation, person, "Second.", spot=Spot(said.pk, How.EDIT))

    assert shown(conversation, person) == ["Second.", ""]
    assert shown(conversation, other) == ["First.", "Yes."]
    assert prompt(turn) == ["Second."]


def test_a_branch_begins_under_the_message_that_is_named(
    conversation: Conversation, person: User
) -> None:
    root = answer(say(conversation, person, "Root."))
    answer(say(conversation, person, "One way."))

    turn = say(conversation, person, "Another.", spot=Spot(root, How.BRANCH))

    assert shown(conversation, person) == ["Root.", "Yes.", "Another.", ""]
    assert prompt(turn) == ["Root.", "Yes.", "Another."]


def test_a_message_follows_the_branch_that_its_page_shows(
    conversation: Conversation, person: User, other: User
) -> None:
    root = answer(say(conversation, person, "Root."))
    old = answer(say(conversation, person, "Old way."))
    answer(say(conversation, other, "New way.", spot=Spot(root, How.BRANCH)))

    answer(say(conversation, person, "On.", spot=Spot(old)))

    on = ["Root.", "Yes.", "Old way.", "Yes.", "On.", "Yes."]
    assert shown(conversation, person) == on
    assert shown(conversation, other) == ["Root.", "Yes.", "New way.", "Yes."]


def test_a_message_for_a_branch_that_is_gone_is_not_lost(
    conversation: Conversation, person: User
) -> None:
    answer(say(conversation, person, "Root."))

    say(conversation, person, "On.", spot=Spot(999_999))

    assert shown(conversation, person) == ["Root.", "Yes.", "On.", ""]


def test_a_message_under_what_broke_off_follows_its_retry(
    conversation: Conversation, person: User, other: User
) -> None:
    turn = say(conversation, person, "Ask.")
    Message.objects.filter(pk=turn.message).update(status="interrupted")
    see(conversation.pk, message_id=turn.message, person=other)
    again = answer(retry_reply(conversation.pk, message_id=turn.message, person=person))

    # The other's page has not heard of the retry.
    say(conversation, other, "And?", spot=Spot(turn.message))

    assert conversation.messages.get(text="And?").parent_id == again
    assert shown(conversation, person) == shown(conversation, other)


def test_whoever_goes_back_to_what_broke_off_goes_on_from_there(
    conversation: Conversation, person: User
) -> None:
    turn = say(conversation, person, "Ask.")
    Message.objects.filter(pk=turn.message).update(status="interrupted")
    answer(retry_reply(conversation.pk, message_id=turn.message, person=person))
    choose_branch(conversation.pk, message_id=turn.message, person=person)

    say(conversation, person, "On.", spot=Spot(turn.message))

    assert conversation.messages.get(text="On.").parent_id == turn.message


@pytest.mark.parametrize("how", [How.EDIT, How.BRANCH])
def test_a_branch_beside_nothing_is_refused(
    how: How, conversation: Conversation, person: User
) -> None:
    with pytest.raises(NotFound):
        say(conversation, person, "Beside.", spot=Spot(999_999, how))

    assert not conversation.messages.exists()


def test_an_arrow_moves_one_person_and_nobody_else(
    conversation: Conversation, person: User, other: User
) -> None:
    first = answer(say(conversation, person, "Ask."), "First.")
    again = retry_reply(conversation.pk, message_id=first, person=other)
    answer(again, "Second.")

    assert shown(conversation, person) == ["Ask.", "First."]
    assert shown(conversation, other) == ["Ask.", "Second."]
    choose_branch(conversation.pk, message_id=first, person=other)
    assert shown(conversation, other) == ["Ask.", "First."]


def test_a_line_knows_its_versions(conversation: Conversation, person: User) -> None:
    first = answer(say(conversation, person, "Ask."))
    second = answer(retry_reply(conversation.pk, message_id=first, person=person))

    stretch = newest_lines(place_of(person, conversation.pk))

    fork = stretch.lines[-1].fork
    assert (fork.number, fork.of, fork.previous, fork.next) == (2, 2, first, 0)
    assert stretch.lines[0].fork.of == 1
    assert stretch.leaf == second


def test_to_see_goes_down_a_branch_and_never_back(
    conversation: Conversation, person: User
) -> None:
    numbers = long_one(conversation, 3)
    for number in (numbers[1], numbers[0]):
        see(conversation.pk, message_id=number, person=person)

    place = place_of(person, conversation.pk)
    assert (place.leaf_id, place.read_to) == (numbers[1], numbers[2])


def test_a_look_from_before_an_arrow_does_not_undo_it(
    conversation: Conversation, person: User
) -> None:
    first = answer(say(conversation, person, "Ask."))
    second = answer(retry_reply(conversation.pk, message_id=first, person=person))
    choose_branch(conversation.pk, message_id=first, person=person)

    see(conversation.pk, message_id=second, person=person)

    assert place_of(person, conversation.pk).leaf_id == first


def test_a_visit_reads_what_was_said_on_other_branches_too(
    conversation: Conversation, person: User, other: User
) -> None:
    root = answer(say(conversation, person, "Root."))
    mine = answer(say(conversation, person, "Mine."))
    theirs = answer(say(conversation, other, "Theirs.", spot=Spot(root, How.BRANCH)))

    see(conversation.pk, message_id=mine, person=person)

    place = place_of(person, conversation.pk)
    assert (place.leaf_id, place.read_to) == (mine, theirs)


def test_a_retry_by_another_is_new_to_whoever_is_taken_along(
    conversation: Conversation, person: User, other: User
) -> None:
    turn = say(conversation, person, "Ask.")
    Message.objects.filter(pk=turn.message).update(status="failed")
    see(conversation.pk, message_id=turn.message, person=other)

    again = retry_reply(conversation.pk, message_id=turn.message, person=person)

    place = place_of(other, conversation.pk)
    assert (place.leaf_id, place.read_to) == (again.message, turn.message)


def test_a_message_of_another_conversation_is_not_seen_here(
    conversation: Conversation, person: User
) -> None:
    foreign = make_message(make_conversation(person))

    see(conversation.pk, message_id=foreign.pk, person=person)

    assert place_of(person, conversation.pk).leaf is None


def test_a_viewer_reads_and_changes_nothing(
    conversation: Conversation, other: User
) -> None:
    reply = make_reply(conversation, "so far", parent=make_message(conversation))
    conversation.participants.filter(person=other).update(role=Participant.Role.VIEWER)

    with pytest.raises(NotAllowed):
        say(conversation, other, "May I?")
    with pytest.raises(NotAllowed):
        retry_reply(conversation.pk, message_id=reply.pk, person=other)
    see(conversation.pk, message_id=reply.pk, person=other)
    assert shown(conversation, other) == ["hello", "so far"]


def long_one(conversation: Conversation, length: int) -> list[int]:
    numbers: list[int] = []
    for number in range(length):
        parent = numbers[-1] if numbers else None
        row = make_message(conversation, f"word {number}", parent_id=parent)
        numbers.append(row.pk)
    return numbers


def test_a_long_conversation_is_shown_from_its_end_page_by_page(
    conversation: Conversation, person: User
) -> None:
    numbers = long_one(conversation, 120)
    place = place_of(person, conversation.pk)
    stretch = newest_lines(place)
    pages = [[line.message.pk for line in stretch.lines]]

    while stretch.earlier:
        stretch = lines_before(place, stretch.earlier)
        pages.insert(0, [line.message.pk for line in stretch.lines])

    assert [len(page) for page in pages] == [20, 50, 50]
    assert [number for page in pages for number in page] == numbers


def test_a_page_asks_for_what_came_after_its_last(
    conversation: Conversation, person: User
) -> None:
    numbers = long_one(conversation, 6)
    place = place_of(person, conversation.pk)

    after = lines_from(place, numbers[3], besides=True)
    since = lines_from(place, numbers[3])
    nothing = lines_from(place, numbers[-1], besides=True)
    lost = lines_from(place, 999_999)

    assert [line.message.pk for line in after.lines] == numbers[4:]
    assert [line.message.pk for line in since.lines] == numbers[3:]
    assert nothing.lines == []
    assert lost.anew
    assert len(lost.lines) == 6
    assert [after.anew, since.anew] == [False, False]


def test_without_javascript_earlier_messages_are_a_link_away(
    conversation: Conversation, person: User, signed_in: Client
) -> None:
    numbers = long_one(conversation, 60)
    url = reverse("conversation", args=[conversation.pk])

    newest = signed_in.get(url).content.decode()
    earlier = signed_in.get(f"{url}?before={numbers[10]}").content.decode()

    assert f"?before={numbers[10]}" in newest
    assert "word 9<" not in newest
    assert "word 9<" in earlier
    assert "word 10<" not in earlier


def test_what_is_new_is_marked_when_one_comes_back(
    conversation: Conversation, person: User, other: User, signed_in: Client
) -> None:
    old = answer(say(conversation, person, "Ask."))
    see(conversation.pk, message_id=old, person=person)
    url = reverse("conversation", args=[conversation.pk])
    assert "new-from" not in signed_in.get(url).content.decode()

    answer(say(conversation, other, "News."))

    html = signed_in.get(url).content.decode()
    assert html.index("new-from") < html.index("News.")
    assert "new-from" not in signed_in.get(url).content.decode()
