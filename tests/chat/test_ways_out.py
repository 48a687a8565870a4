"""The ways out that a page offers of a reply that broke off."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from chat.models import Conversation, Message
from dashboard.people.models import User
from tests.make import (
    make_backend,
    make_broken_reply,
    make_conversation,
    make_model,
    make_reply,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def conversation(person: User) -> Conversation:
    make_model("tiny")
    return make_conversation(person)


def offered(client: Client, reply: Message) -> list[str]:
    """The ways out that the reply's article shows."""
    address = reverse("message", args=[reply.conversation_id, reply.pk])
    html = client.get(address).content.decode()
    ways = re.search(r'class="ways-out".*?</div>', html, re.DOTALL)
    return re.findall(r"Continue|Retry|Another model", ways[0]) if ways else []


@pytest.mark.parametrize(
    ("text", "status", "reason", "ways"),
    [
        ("so far", "failed", "", ["Continue", "Retry", "Another model"]),
        ("so far", "stopped", "", ["Continue", "Retry", "Another model"]),
        ("", "interrupted", "", ["Retry", "Another model"]),
        ("so far", "done", "length", ["Continue"]),
        ("all of it", "done", "stop", []),
        ("so far", "open", "", []),
    ],
)
def test_a_reply_offers_the_ways_out_that_it_has(
    text: str,
    status: str,
    reason: str,
    ways: list[str],
    conversation: Conversation,
    signed_in: Client,
) -> None:
    reply = make_broken_reply(conversation, text, status=status, finish_reason=reason)

    assert offered(signed_in, reply) == ways


@pytest.mark.parametrize(
    ("code", "ways"),
    [
        ("tokens_spent", ["Retry"]),
        ("requests_spent", ["Retry"]),
        ("backend_silent", ["Retry", "Another model"]),
    ],
)
def test_no_other_model_is_offered_to_whoever_has_used_up_what_they_may(
    code: str, ways: list[str], conversation: Conversation, signed_in: Client
) -> None:
    reply = make_broken_reply(conversation, "", error_code=code)

    assert offered(signed_in, reply) == ways


@pytest.mark.parametrize(
    ("code", "ago", "said"),
    [
        ("requests_spent", 0, True),
        ("requests_spent", 600, False),
        ("places_spent", 0, False),
    ],
)
def test_a_refusal_says_when_its_quota_is_there_again(
    code: str, ago: int, said: bool, conversation: Conversation, signed_in: Client
) -> None:
    reply = make_broken_reply(
        conversation,
        error_code=code,
        error_facts={"limit": 5, "seconds": 40, "retry_after": 40},
        closed_at=timezone.now() - timedelta(seconds=ago),
    )

    page = signed_in.get(reverse("message", args=[conversation.pk, reply.pk]))

    assert ("You can ask again from" in page.content.decode()) is said


def test_the_page_of_another_model_tells_what_failed_and_proposes_one(
    conversation: Conversation, signed_in: Client
) -> None:
    make_model("other", backend=make_backend(name="gpu-02"))
    facts = {"server": "gpu-01", "detail": "connection refused"}
    broken = make_broken_reply(
        conversation, error_code="backend_unreachable", error_facts=facts
    )

    page = signed_in.get(reverse("message-again", args=[conversation.pk, broken.pk]))

    assert "gpu-01 cannot be reached" in page.content.decode()
    assert b'value="model:other" selected' in page.content


def test_where_there_is_no_other_model_its_page_says_so(
    conversation: Conversation, signed_in: Client
) -> None:
    broken = make_broken_reply(conversation)

    page = signed_in.get(reverse("message-again", args=[conversation.pk, broken.pk]))

    assert "There is no other model" in page.content.decode()


@pytest.mark.django_db(transaction=True)
def test_a_retry_that_nothing_can_answer_leads_to_the_choice_of_another(
    conversation: Conversation, signed_in: Client
) -> None:
    broken = make_broken_reply(conversation, target="model:gone")

    page = signed_in.post(reverse("message-retry", args=[conversation.pk, broken.pk]))

    assert page.status_code == 422
    assert "“gone” is not available" in page.content.decode()
    assert b'value="model:tiny" selected' in page.content


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("name", ["message-retry", "message-continue"])
def test_a_refusal_without_a_script_shows_in_the_conversation(
    name: str, conversation: Conversation, signed_in: Client
) -> None:
    broken = make_broken_reply(conversation)
    make_reply(conversation, parent=broken.parent, asked_by=None)

    page = signed_in.post(reverse(name, args=[conversation.pk, broken.pk]))

    assert page.status_code == 409
    assert "still being written here" in page.content.decode()
