from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from chat.models import Conversation, Participant, ShareLink
from chat.services.people import remove_participant
from chat.services.share_links import (
    Lifetime,
    end_share_link,
    join_by_link,
    make_share_link,
)
from dashboard.errors import LinkSpent, NotAllowed, NotFound
from dashboard.people.models import User
from tests.make import make_conversation, make_person
from tests.roles import client_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def conversation(person: User) -> Conversation:
    return make_conversation(person, title="Why is the sky blue?")


def token_for(conversation: Conversation, owner: User, role: str = "member") -> str:
    path = make_share_link(conversation.pk, by=owner, role=role, lifetime=Lifetime.HOUR)
    return path.rstrip("/").rsplit("/", 1)[-1]


def role_of(person: User, conversation: Conversation) -> str:
    return conversation.participants.get(person=person).role


@pytest.mark.parametrize("role", ["member", "viewer"])
def test_a_link_lets_several_people_in_with_its_role(
    conversation: Conversation, person: User, role: str
) -> None:
    token = token_for(conversation, person, role)

    for newcomer in (make_person(), make_person()):
        assert join_by_link(token, person=newcomer) == conversation.pk
        assert role_of(newcomer, conversation) == role


def test_a_link_is_not_stored_itself(conversation: Conversation, person: User) -> None:
    token = token_for(conversation, person)

    assert token not in str(ShareLink.objects.values().get())


def test_a_link_that_is_over_lets_nobody_in(
    conversation: Conversation, person: User
) -> None:
    token = token_for(conversation, person)
    ShareLink.objects.update(expires_at=timezone.now() - timedelta(seconds=1))

    with pytest.raises(LinkSpent):
        join_by_link(token, person=make_person())


def test_a_link_that_was_ended_lets_nobody_in(
    conversation: Conversation, person: User
) -> None:
    token = token_for(conversation, person)

    end_share_link(conversation.pk, by=person, link_id=ShareLink.objects.get().pk)

    with pytest.raises(LinkSpent):
        join_by_link(token, person=make_person())


def test_a_removed_person_does_not_come_back_by_a_link(
    conversation: Conversation, person: User
) -> None:
    token, newcomer = token_for(conversation, person), make_person()
    join_by_link(token, person=newcomer)

    remove_participant(conversation.pk, by=person, person_id=newcomer.pk)

    with pytest.raises(LinkSpent):
        join_by_link(token, person=newcomer)


@pytest.mark.parametrize(
    ("has", "link", "gets"),
    [
        ("viewer", "member", "member"),
        ("viewer", "viewer", "viewer"),
        ("member", "viewer", "member"),
        ("owner", "viewer", "owner"),
        ("owner", "member", "owner"),
    ],
)
def test_a_link_makes_nobody_less(
    conversation: Conversation, person: User, has: str, link: str, gets: str
) -> None:
    token, somebody = token_for(conversation, person, link), make_person()
    Participant.objects.create(conversation=conversation, person=somebody, role=has)

    join_by_link(token, person=somebody)

    assert role_of(somebody, conversation) == gets


def test_no_link_makes_an_owner(conversation: Conversation, person: User) -> None:
    with pytest.raises(NotAllowed):
        token_for(conversation, person, "owner")


def test_a_link_of_another_conversation_is_not_to_be_ended_here(
    conversation: Conversation, person: User
) -> None:
    token_for(conversation, person)
    link, elsewhere = ShareLink.objects.get(), make_conversation(person)

    with pytest.raises(NotFound):
        end_share_link(elsewhere.pk, by=person, link_id=link.pk)


def test_the_address_of_a_fresh_link_is_shown_once(
    conversation: Conversation, person: User, settings: Settings
) -> None:
    settings.PADDOCK_URL = "https://paddock.example"
    owner, form = client_of(person), {"role": "viewer", "lifetime": "24"}

    made = owner.post(
        reverse("share-link-make", args=[conversation.pk]), form, follow=True
    )
    again = owner.get(reverse("conversation-people", args=[conversation.pk]))

    assert "https://paddock.example/join/" in made.content.decode()
    assert "/join/" not in again.content.decode()
    lasts = ShareLink.objects.get().expires_at - timezone.now()
    assert timedelta(hours=23) < lasts <= timedelta(hours=24)


@pytest.mark.parametrize(
    "form",
    [
        {"role": "owner", "lifetime": "24"},
        {"role": "member", "lifetime": "100000"},
        {"role": "member", "lifetime": "ever"},
        {},
    ],
)
def test_a_link_that_nobody_offers_is_not_made(
    conversation: Conversation, person: User, form: dict[str, str]
) -> None:
    url = reverse("share-link-make", args=[conversation.pk])

    assert client_of(person).post(url, form).status_code == 422

    assert not ShareLink.objects.exists()


def test_whoever_looks_at_a_link_is_told_who_invites_and_is_not_in_yet(
    conversation: Conversation, person: User
) -> None:
    newcomer = make_person()
    url = reverse("conversation-join", args=[token_for(conversation, person, "viewer")])

    page = client_of(newcomer).get(url).content.decode()

    assert "olive invites you to this conversation, as viewer." in page
    assert "Why is the sky blue?" in page
    assert not conversation.participants.filter(person=newcomer).exists()


def test_whoever_is_in_already_is_shown_the_way(
    conversation: Conversation, person: User
) -> None:
    url = reverse("conversation-join", args=[token_for(conversation, person)])

    page = client_of(person).get(url).content.decode()

    assert "You are in already, as owner." in page


def test_whoever_is_signed_out_comes_back_to_the_link(
    client: Client, conversation: Conversation, person: User
) -> None:
    url = reverse("conversation-join", args=[token_for(conversation, person)])

    assert client.get(url).headers["Location"] == f"/login/?next={url}"
