import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from chat.models import Conversation, Message, Opening, Unsent
from dashboard.people.models import User
from tests.make import make_admin, make_conversation, make_message, make_reply

pytestmark = pytest.mark.django_db

CONVERSATIONS = "admin:chat_conversation_changelist"
REPLIES = "admin:chat_openreply_changelist"
LISTS = pytest.mark.parametrize("name", [CONVERSATIONS, REPLIES])


@pytest.fixture
def office(client: Client) -> Client:
    client.force_login(
        make_admin("ada"), backend="django.contrib.auth.backends.ModelBackend"
    )
    return client


@pytest.fixture
def conversation(person: User) -> Conversation:
    return make_conversation(person, title="Secret plans")


@pytest.fixture
def reply(conversation: Conversation, person: User) -> Message:
    said = make_message(conversation, "Secret question", author=person)
    return make_reply(
        conversation,
        "Secret answer",
        parent=said,
        asked_by=person,
        reasoning="Secret thought",
        server="gpu-01",
    )


def page_of(office: Client, name: str) -> str:
    return office.get(reverse(name)).content.decode()


def test_the_list_of_conversations_tells_who_and_how_much(
    office: Client, conversation: Conversation, reply: Message
) -> None:
    page = page_of(office, CONVERSATIONS)

    assert "olive (owner)" in page
    assert '<td class="field-messages">2</td>' in page
    assert reverse("admin:chat_conversation_open", args=[conversation.pk]) in page


def test_the_list_of_open_replies_tells_for_whom_and_how_long(
    office: Client, conversation: Conversation, reply: Message
) -> None:
    make_reply(conversation, "over", status="done", asked_by=None)

    page = page_of(office, REPLIES)

    for told in ("olive", "tiny", "gpu-01", "1 open reply"):
        assert told in page
    assert f'<td class="field-characters">{len("Secret answerSecret thought")}' in page


@LISTS
def test_neither_list_holds_a_word_of_what_was_said(
    office: Client, reply: Message, name: str
) -> None:
    assert "Secret" not in page_of(office, name)


@LISTS
@pytest.mark.parametrize(
    "asked",
    [
        "title__startswith=S",
        "text__startswith=S",
        "messages__text__startswith=S",
        "conversation__title__startswith=S",
    ],
)
def test_no_address_asks_the_lists_for_a_text(
    office: Client, reply: Message, name: str, asked: str
) -> None:
    response = office.get(f"{reverse(name)}?{asked}")

    assert response.status_code in (302, 400)


@pytest.mark.parametrize("doing", ["change", "delete", "history"])
def test_no_row_is_opened_changed_or_deleted(
    office: Client, conversation: Conversation, reply: Message, doing: str
) -> None:
    for model, pk in (("conversation", conversation.pk), ("openreply", reply.pk)):
        url = reverse(f"admin:chat_{model}_{doing}", args=[pk])
        assert office.get(url).status_code == 403
        assert office.post(url, {"post": "yes"}).status_code == 403

    assert Message.objects.filter(pk=reply.pk).exists()


@LISTS
def test_other_staff_sees_neither_list(name: str, client: Client, person: User) -> None:
    User.objects.filter(pk=person.pk).update(is_staff=True)
    person.user_permissions.set(Permission.objects.all())
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")

    assert client.get(reverse(name)).status_code == 403
    assert reverse(name) not in client.get("/admin/").content.decode()


def test_other_staff_opens_nothing(
    client: Client, person: User, conversation: Conversation
) -> None:
    User.objects.filter(pk=person.pk).update(is_staff=True)
    person.user_permissions.set(Permission.objects.all())
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    url = reverse("admin:chat_conversation_open", args=[conversation.pk])

    assert client.get(url).status_code == 403
    assert client.post(url, {"reason": "Because I can."}).status_code == 403
    assert not Opening.objects.exists()


def test_a_conversation_is_opened_for_a_reason(
    office: Client, conversation: Conversation
) -> None:
    url = reverse("admin:chat_conversation_open", args=[conversation.pk])

    response = office.post(url, {"reason": "A reply never ended."})

    assert response.headers["Location"] == f"/c/{conversation.pk}/reading/"
    assert Opening.objects.get().reason == "A reply never ended."
    assert "it is open to you" in office.get(url).content.decode()


@pytest.mark.parametrize("reason", ["", "why not", " " * 20, "x" * 301])
def test_a_reason_that_says_nothing_opens_nothing(
    office: Client, conversation: Conversation, reason: str
) -> None:
    url = reverse("admin:chat_conversation_open", args=[conversation.pk])

    response = office.post(url, {"reason": reason})

    assert response.status_code == 422
    assert "errorlist" in response.content.decode()
    assert not Opening.objects.exists()


def test_asking_for_a_reason_shows_no_word_of_it(
    office: Client, conversation: Conversation, reply: Message
) -> None:
    url = reverse("admin:chat_conversation_open", args=[conversation.pk])

    assert "Secret" not in office.get(url).content.decode()


def test_an_administrator_stops_a_runaway_reply(office: Client, reply: Message) -> None:
    form = {"action": "stop", "_selected_action": [reply.pk]}

    page = office.post(reverse(REPLIES), form, follow=True).content.decode()

    reply.refresh_from_db()
    assert reply.stop_requested
    assert "1 reply is asked to stop." in page
    assert "Secret" not in page


def test_deleting_a_person_does_not_show_what_they_had_typed(
    office: Client, person: User, conversation: Conversation
) -> None:
    Unsent.objects.create(person=person, conversation=conversation, text="Secret")
    url = reverse("admin:people_user_delete", args=[person.pk])

    assert "Secret" not in office.get(url).content.decode()
