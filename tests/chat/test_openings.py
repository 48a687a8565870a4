import logging
from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from chat.lines import SHOWN
from chat.models import Conversation, Opening
from chat.services.openings import open_conversation_as_admin
from dashboard.errors import NotAllowed, NotFound
from dashboard.live.db import in_db
from dashboard.people.models import User
from tests.fakes.conversing import heard, joined
from tests.make import (
    make_admin,
    make_conversation,
    make_message,
    make_person,
    make_reply,
)

pytestmark = pytest.mark.django_db
REASON = "A reply never ended."


@pytest.fixture
def conversation(person: User) -> Conversation:
    conversation = make_conversation(person, title="Secret plans")
    make_message(conversation, "Secret plans", author=person)
    return conversation


@pytest.fixture
def office(client: Client, admin: User) -> Client:
    client.force_login(admin, backend="django.contrib.auth.backends.ModelBackend")
    return client


def reading(conversation: Conversation) -> str:
    return reverse("conversation-reading", args=[conversation.pk])


def opened(conversation: Conversation, admin: User) -> None:
    open_conversation_as_admin(conversation.pk, by=admin, reason=REASON)


def test_an_opening_lasts_an_hour(
    office: Client, admin: User, conversation: Conversation
) -> None:
    opened(conversation, admin)
    assert "Secret plans" in office.get(reading(conversation)).content.decode()

    Opening.objects.update(ends_at=timezone.now())

    assert office.get(reading(conversation)).status_code == 404


def test_an_opening_is_for_the_administrator_who_gave_the_reason(
    signed_in: Client, admin: User, conversation: Conversation
) -> None:
    opened(conversation, admin)
    other = Client()
    other.force_login(
        make_admin("eve"), backend="django.contrib.auth.backends.ModelBackend"
    )

    for client in (signed_in, other):
        assert client.get(reading(conversation)).status_code == 404


def test_whoever_is_no_administrator_any_more_reads_no_more(
    office: Client, admin: User, conversation: Conversation
) -> None:
    opened(conversation, admin)

    User.objects.filter(pk=admin.pk).update(is_superuser=False)

    assert office.get(reading(conversation)).status_code == 404


def test_only_an_administrator_opens(conversation: Conversation) -> None:
    staff = make_person(is_staff=True)

    with pytest.raises(NotAllowed):
        open_conversation_as_admin(conversation.pk, by=staff, reason=REASON)


def test_what_is_not_there_cannot_be_opened(admin: User) -> None:
    with pytest.raises(NotFound):
        open_conversation_as_admin(1, by=admin, reason=REASON)


def test_an_opening_is_noted_without_what_was_said(
    admin: User, conversation: Conversation, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        opened(conversation, admin)

    noted = LogEntry.objects.get(user=admin)
    assert noted.object_repr == f"conversation {conversation.pk}"
    assert noted.change_message == REASON
    assert f"ada opened conversation {conversation.pk}" in caplog.text
    assert "Secret" not in caplog.text + str(noted)


def test_its_people_see_who_opened_it_and_why(
    signed_in: Client, admin: User, conversation: Conversation
) -> None:
    opened(conversation, admin)

    for name in ("conversation", "conversation-head", "conversation-people"):
        page = signed_in.get(reverse(name, args=[conversation.pk])).content.decode()
        assert "ada opened this conversation as an administrator" in page
        assert REASON in page


def test_the_head_forgets_an_opening_after_a_week_and_the_share_page_never(
    signed_in: Client, admin: User, conversation: Conversation
) -> None:
    opened(conversation, admin)
    Opening.objects.update(opened_at=timezone.now() - timedelta(days=8))

    head = signed_in.get(reverse("conversation-head", args=[conversation.pk]))
    people = signed_in.get(reverse("conversation-people", args=[conversation.pk]))

    assert REASON not in head.content.decode()
    assert REASON in people.content.decode()


def test_an_opening_outlives_the_account_that_made_it(
    signed_in: Client, admin: User, conversation: Conversation
) -> None:
    opened(conversation, admin)
    admin.delete()

    head = signed_in.get(reverse("conversation-head", args=[conversation.pk]))

    assert "Somebody who is gone opened" in head.content.decode()


def test_the_page_only_reads(
    office: Client, admin: User, person: User, conversation: Conversation
) -> None:
    first = conversation.messages.get()
    make_reply(conversation, "Half of it", parent=first, asked_by=person)
    opened(conversation, admin)

    page = office.get(reading(conversation)).content.decode()

    assert "Half of it" in page
    assert REASON in page
    assert f"/c/{conversation.pk}/" not in page.replace(reading(conversation), "")
    assert "data-messages" not in page
    assert "data-composer" not in page
    assert "data-command" not in page


def test_other_branches_are_read_by_links(
    office: Client, admin: User, person: User, conversation: Conversation
) -> None:
    first = conversation.messages.get()
    one = make_message(conversation, "one way", parent=first, author=person)
    make_message(conversation, "another way", parent=first, author=person)
    opened(conversation, admin)

    newest = office.get(reading(conversation)).content.decode()
    beside = office.get(f"{reading(conversation)}?at={one.pk}").content.decode()

    assert "another way" in newest
    assert f'href="?at={one.pk}"' in newest
    assert "one way" in beside
    assert "another way" not in beside


def test_earlier_messages_are_a_link_away(
    office: Client, admin: User, conversation: Conversation
) -> None:
    parent = conversation.messages.get()
    for number in range(SHOWN):
        parent = make_message(conversation, f"said {number}", parent=parent)
    opened(conversation, admin)

    newest = office.get(reading(conversation))
    earlier = newest.context["stretch"].earlier
    before = office.get(f"{reading(conversation)}?at=0&before={earlier}")

    assert f"before={earlier}" in newest.content.decode()
    assert [line.message.text for line in before.context["stretch"].lines] == [
        "Secret plans"
    ]


def test_a_message_of_another_conversation_is_not_shown(
    office: Client, admin: User, conversation: Conversation
) -> None:
    other = make_message(make_conversation(make_person()), "elsewhere")
    opened(conversation, admin)

    page = office.get(f"{reading(conversation)}?at={other.pk}&before={other.pk}")

    assert "elsewhere" not in page.content.decode()


def rows() -> tuple[Conversation, User, User]:
    owner = make_person()
    return make_conversation(owner), owner, make_admin()


@pytest.mark.django_db(transaction=True)
async def test_an_opening_reaches_the_open_pages_of_its_people() -> None:
    conversation, owner, admin = await in_db(rows)()
    page = await joined(conversation, owner)

    await in_db(opened)(conversation, admin)

    await heard(page, until="conversation.changed")
    await page.disconnect()
