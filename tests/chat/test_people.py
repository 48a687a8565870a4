import pytest

from chat.models import Conversation, ShareLink, Unsent
from chat.services.people import (
    add_participant,
    change_role,
    hand_over,
    leave_conversation,
    pass_on_ownerless,
    remove_participant,
)
from chat.services.share_links import Lifetime, make_share_link
from dashboard.errors import NotAllowed, NotFound, StillOwned
from dashboard.live.bus import emit
from dashboard.live.db import in_db
from dashboard.live.events import MessageClosed
from dashboard.people.models import User
from tests.fakes.conversing import heard, joined
from tests.make import make_conversation, make_message, make_person

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner(db: None) -> User:
    return make_person("owner")


@pytest.fixture
def member(db: None) -> User:
    return make_person("member")


@pytest.fixture
def conversation(owner: User, member: User) -> Conversation:
    return make_conversation(owner, member)


def roles_in(conversation: Conversation) -> dict[str, str]:
    places = conversation.participants.select_related("person")
    return {place.person.username: place.role for place in places}


def test_a_teammate_comes_in_with_the_role_that_the_owner_chose(
    conversation: Conversation, owner: User
) -> None:
    make_person("newt")

    add_participant(conversation.pk, by=owner, username="newt", role="viewer")

    assert roles_in(conversation)["newt"] == "viewer"


def test_letting_in_somebody_who_is_in_changes_nothing(
    conversation: Conversation, owner: User
) -> None:
    for username in ("member", "owner"):
        add_participant(conversation.pk, by=owner, username=username, role="viewer")

    assert roles_in(conversation) == {"owner": "owner", "member": "member"}


def test_nobody_is_let_in_as_a_second_owner(
    conversation: Conversation, owner: User, member: User
) -> None:
    make_person("newt")

    with pytest.raises(NotAllowed):
        add_participant(conversation.pk, by=owner, username="newt", role="owner")
    with pytest.raises(NotAllowed):
        change_role(conversation.pk, by=owner, person_id=member.pk, role="owner")


def test_a_member_becomes_a_viewer_and_a_member_again(
    conversation: Conversation, owner: User, member: User
) -> None:
    for role in ("viewer", "member"):
        change_role(conversation.pk, by=owner, person_id=member.pk, role=role)

        assert roles_in(conversation)["member"] == role


def test_an_owner_cannot_be_made_less_or_removed(
    conversation: Conversation, owner: User
) -> None:
    with pytest.raises(NotAllowed):
        change_role(conversation.pk, by=owner, person_id=owner.pk, role="viewer")
    with pytest.raises(StillOwned):
        remove_participant(conversation.pk, by=owner, person_id=owner.pk)

    assert roles_in(conversation)["owner"] == "owner"


def test_a_removal_ends_the_links_and_keeps_what_was_typed(
    conversation: Conversation, owner: User, member: User
) -> None:
    make_share_link(conversation.pk, by=owner, role="member", lifetime=Lifetime.DAY)
    Unsent.objects.create(person=member, conversation=conversation, text="half a")

    remove_participant(conversation.pk, by=owner, person_id=member.pk)

    assert roles_in(conversation) == {"owner": "owner"}
    assert not ShareLink.objects.open().exists()
    assert Unsent.objects.get(person=member).text == "half a"


def test_whoever_is_not_in_cannot_be_removed(
    conversation: Conversation, owner: User
) -> None:
    with pytest.raises(NotFound):
        remove_participant(
            conversation.pk, by=owner, person_id=make_person("stranger").pk
        )


def test_a_member_goes_and_the_rest_stay(
    conversation: Conversation, member: User
) -> None:
    leave_conversation(conversation.pk, person=member)

    assert roles_in(conversation) == {"owner": "owner"}


def test_an_owner_does_not_go_while_others_are_in(
    conversation: Conversation, owner: User
) -> None:
    with pytest.raises(StillOwned):
        leave_conversation(conversation.pk, person=owner)


def test_with_the_last_person_the_conversation_goes(owner: User) -> None:
    conversation = make_conversation(owner)
    first = make_message(conversation, author=owner)
    make_message(conversation, author=owner, parent=first)

    leave_conversation(conversation.pk, person=owner)

    assert not Conversation.objects.exists()


def test_whoever_hands_over_becomes_a_member(
    conversation: Conversation, owner: User, member: User
) -> None:
    hand_over(conversation.pk, by=owner, person_id=member.pk)

    assert roles_in(conversation) == {"owner": "member", "member": "owner"}


def test_nobody_hands_over_to_themselves(
    conversation: Conversation, owner: User
) -> None:
    with pytest.raises(NotFound):
        hand_over(conversation.pk, by=owner, person_id=owner.pk)

    assert roles_in(conversation)["owner"] == "owner"


def test_a_disabled_person_does_not_become_the_owner(
    conversation: Conversation, owner: User, member: User
) -> None:
    User.objects.filter(pk=member.pk).update(is_active=False)

    with pytest.raises(NotFound):
        hand_over(conversation.pk, by=owner, person_id=member.pk)


def rows() -> tuple[Conversation, User, User]:
    owner, member = make_person("owner"), make_person("member")
    return make_conversation(owner, member), owner, member


@pytest.mark.django_db(transaction=True)
async def test_a_removed_persons_page_hears_that_and_then_nothing_more() -> None:
    conversation, owner, member = await in_db(rows)()
    page, others = (
        await joined(conversation, member),
        await joined(conversation, owner),
    )

    await in_db(remove_participant)(conversation.pk, by=owner, person_id=member.pk)
    left = await heard(page, until="conversation.left")
    await heard(others, until="conversation.changed")
    await emit(MessageClosed(conversation.pk, 1, "done"))

    await heard(others, until="message.closed")
    assert left[-1]["conversation"] == conversation.pk
    assert await page.receive_nothing()
    await page.disconnect()
    await others.disconnect()


@pytest.mark.django_db(transaction=True)
async def test_a_changed_role_reaches_the_persons_pages_and_the_others() -> None:
    conversation, owner, member = await in_db(rows)()
    page, others = (
        await joined(conversation, member),
        await joined(conversation, owner),
    )

    await in_db(change_role)(
        conversation.pk, by=owner, person_id=member.pk, role="viewer"
    )

    await heard(page, until="place.changed")
    await heard(others, until="conversation.changed")
    await page.disconnect()
    await others.disconnect()


@pytest.mark.django_db
def test_a_conversation_without_an_owner_gets_the_oldest_member() -> None:
    conversation, owner, member = rows()
    viewer, late = make_person(), make_person()
    conversation.participants.create(person=viewer, role="viewer")
    conversation.participants.create(person=late)
    kept = make_conversation(member)
    owner.is_active = False
    owner.save()

    assert pass_on_ownerless() == 1
    assert pass_on_ownerless() == 0

    roles = dict(conversation.participants.values_list("person", "role"))
    assert roles[member.pk] == "owner"
    assert roles[owner.pk] == roles[late.pk] == "member"
    assert kept.participants.get().role == "owner"


@pytest.mark.django_db
def test_where_only_viewers_are_left_one_of_them_owns_it() -> None:
    conversation, owner, member = rows()
    conversation.participants.filter(person=member).update(role="viewer")
    owner.delete()

    pass_on_ownerless()

    assert conversation.participants.get().role == "owner"
