import pytest
from django.test import Client
from django.urls import reverse

from chat.models import Conversation, Participant
from chat.services.conversations import rename_conversation
from dashboard.errors import NotAllowed, TitleUnfit
from dashboard.people.models import User
from tests.make import make_conversation, make_person

pytestmark = pytest.mark.django_db


@pytest.fixture
def conversation(person: User) -> Conversation:
    return make_conversation(person, title="As it was")


def post(client: Client, conversation: Conversation, title: str) -> tuple[int, str]:
    url = reverse("conversation-title", args=[conversation.pk])
    response = client.post(url, {"title": title})
    return response.status_code, response.content.decode()


def title_of(conversation: Conversation) -> str:
    conversation.refresh_from_db()
    return conversation.title


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("  Other  ", "Other"),
        ("two\r\nlines", "two lines"),
        ("x" * 120, "x" * 120),
        ("量化 <b>", "量化 <b>"),
    ],
)
def test_a_writer_gives_another_title_of_one_line(
    given: str, kept: str, conversation: Conversation, person: User
) -> None:
    rename_conversation(conversation.pk, title=given, person=person)

    assert title_of(conversation) == kept


@pytest.mark.parametrize("given", ["", " \n ", "x" * 121])
def test_a_title_that_does_not_fit_changes_nothing(
    given: str, conversation: Conversation, person: User
) -> None:
    with pytest.raises(TitleUnfit):
        rename_conversation(conversation.pk, title=given, person=person)

    assert title_of(conversation) == "As it was"


def test_a_viewer_cannot_rename(conversation: Conversation) -> None:
    viewer = make_person()
    conversation.participants.create(person=viewer, role=Participant.Role.VIEWER)

    with pytest.raises(NotAllowed):
        rename_conversation(conversation.pk, title="Mine", person=viewer)


def test_a_new_title_does_not_move_the_conversation(
    conversation: Conversation, person: User
) -> None:
    before = conversation.touched_at

    rename_conversation(conversation.pk, title="Other", person=person)

    conversation.refresh_from_db()
    assert conversation.touched_at == before


def test_the_form_leads_back_to_the_conversation(
    conversation: Conversation, signed_in: Client
) -> None:
    status, _ = post(signed_in, conversation, "Other")

    assert (status, title_of(conversation)) == (302, "Other")


@pytest.mark.parametrize("given", [" ", "y" * 121, "a\0b"])
def test_a_failure_says_why_and_gives_back_what_was_typed(
    given: str, conversation: Conversation, signed_in: Client
) -> None:
    status, page = post(signed_in, conversation, given)

    assert (status, title_of(conversation)) == (422, "As it was")
    assert "A title has between 1 and 120 characters." in page
    assert f'value="{given}"' in page


def test_a_viewer_is_offered_neither_rename_nor_deletion(
    conversation: Conversation, signed_in: Client
) -> None:
    conversation.participants.update(role=Participant.Role.VIEWER)

    page = signed_in.get(reverse("conversation", args=[conversation.pk]))

    assert b"conversation-title" not in page.content
    assert b"Delete conversation" not in page.content
    assert b"People and sharing" in page.content
