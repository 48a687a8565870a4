import time
from dataclasses import asdict
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from chat.models import Conversation, Message
from chat.phases import Told
from chat.services.replies import (
    Beat,
    Closing,
    checkpoint,
    close_abandoned,
    close_reply,
    request_stop,
)
from dashboard.errors import BackendUnreachable
from dashboard.people.models import User
from models_app.adapters.base import Usage
from models_app.serving.ask import Done
from tests.make import make_conversation, make_person, make_reply

LONG_AGO = timezone.now() - timedelta(hours=1)

pytestmark = pytest.mark.django_db


@pytest.fixture
def conversation(person: User) -> Conversation:
    return make_conversation(person)


def test_a_checkpoint_saves_the_text_and_hears_the_stop(
    conversation: Conversation, person: User
) -> None:
    going, stopping = make_reply(conversation), make_reply(make_conversation(person))
    request_stop(stopping.conversation_id, message_id=stopping.pk, person=person)

    stops = checkpoint(
        [Beat(each.pk, 4, "so far", "", "gpu-01") for each in (going, stopping)]
    )

    going.refresh_from_db()
    assert stops == {stopping.pk}
    assert (going.text, going.seq, going.server) == ("so far", 4, "gpu-01")


def test_a_checkpoint_never_touches_a_closed_reply(conversation: Conversation) -> None:
    closed = make_reply(conversation, "whole", status=Message.Status.DONE)

    stops = checkpoint([Beat(closed.pk, 9, "late", "", "")])

    closed.refresh_from_db()
    assert stops == {closed.pk}
    assert closed.text == "whole"


def test_a_closed_reply_says_what_it_cost(conversation: Conversation) -> None:
    reply = make_reply(conversation)
    done = Done("stop", Usage(7, 21), first_token_ms=120, total_ms=1120)

    close_reply(reply.pk, Closing(Message.Status.DONE, 0, "**Yes.**", done=done))

    reply.refresh_from_db()
    assert "<strong>Yes.</strong>" in reply.html
    assert (reply.prompt_tokens, reply.completion_tokens) == (7, 21)
    assert (reply.first_token_ms, reply.total_ms) == (120, 1120)


def test_a_reply_that_is_rendered_already_is_not_rendered_again(
    conversation: Conversation,
) -> None:
    reply = make_reply(conversation)

    close_reply(reply.pk, Closing(Message.Status.DONE, 0, "a", html="<p>rendered</p>"))

    reply.refresh_from_db()
    assert reply.html == "<p>rendered</p>"


def test_whoever_closes_second_changes_nothing(conversation: Conversation) -> None:
    reply = make_reply(conversation)
    close_reply(reply.pk, Closing(Message.Status.DONE, 0, "first"))

    close_reply(reply.pk, Closing(Message.Status.INTERRUPTED, 0, "second"))

    reply.refresh_from_db()
    assert (reply.status, reply.text) == ("done", "first")


def test_a_failure_is_kept_with_its_facts(conversation: Conversation) -> None:
    reply = make_reply(conversation)
    error = BackendUnreachable(server="gpu-01", detail="connection refused")

    close_reply(reply.pk, Closing(Message.Status.FAILED, 0, "so far", error=error))

    reply.refresh_from_db()
    assert reply.error_code == "backend_unreachable"
    assert reply.error_facts == {"server": "gpu-01", "detail": "connection refused"}
    assert reply.text == "so far"


def test_a_silent_writer_counts_as_dead_and_its_text_is_kept(
    conversation: Conversation, person: User
) -> None:
    now = timezone.now()
    dead = make_reply(conversation, "so far", beat_at=now - timedelta(seconds=9))
    alive = make_reply(make_conversation(person), beat_at=now)

    silent = now - timedelta(seconds=6)
    closed = close_abandoned(before=silent, unbegun_before=silent)

    dead.refresh_from_db()
    alive.refresh_from_db()
    assert closed == 1
    assert (dead.status, dead.text) == ("interrupted", "so far")
    assert "so far" in dead.html
    assert alive.status == "open"


def test_a_writer_that_was_overtaken_saves_nothing_and_ends(
    conversation: Conversation,
) -> None:
    reply = make_reply(conversation, "so far", seq=100)

    stops = checkpoint([Beat(reply.pk, 7, "stale", "", "")])
    close_reply(reply.pk, Closing(Message.Status.FAILED, 7, "stale"))

    reply.refresh_from_db()
    assert stops == {reply.pk}
    assert (reply.status, reply.text, reply.seq) == ("open", "so far", 100)


def test_a_reply_says_who_stopped_it_when_that_is_another(
    person: User, signed_in: Client
) -> None:
    otto = make_person("otto")
    conversation = make_conversation(person, otto)
    reply = make_reply(conversation, "So far", asked_by=person)
    request_stop(conversation.pk, message_id=reply.pk, person=otto)
    close_reply(reply.pk, Closing(Message.Status.STOPPED, 0, "So far"))

    page = signed_in.get(f"/c/{conversation.pk}/").content.decode()

    assert "stopped by otto" in page


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("So far", "stopped by ada, an administrator; the text so far is kept"),
        ("", "stopped by ada, an administrator"),
    ],
)
def test_a_reply_says_in_words_that_an_administrator_stopped_it(
    text: str, words: str, person: User, signed_in: Client, admin: User
) -> None:
    conversation = make_conversation(person)
    reply = make_reply(conversation, text, asked_by=person)
    stopped = Closing(Message.Status.STOPPED, 0, text, stopped_by=admin.pk)
    close_reply(reply.pk, stopped)

    page = signed_in.get(f"/c/{conversation.pk}/").content.decode()

    assert words in page
    assert ("is kept" in page) is bool(text)


def test_the_account_of_who_stopped_it_may_be_gone(conversation: Conversation) -> None:
    reply = make_reply(conversation)

    close_reply(reply.pk, Closing(Message.Status.STOPPED, 0, "", stopped_by=10**6))

    reply.refresh_from_db()
    assert (reply.status, reply.stopped_by) == ("stopped", None)


LINE = {"phase": asdict(Told("queued", server="gpu-01", position=2, people=1))}
BEFORE = {
    "server": "gpu-01",
    "code": "backend_unreachable",
    "facts": {"detail": "connection refused"},
}


def test_a_checkpoint_keeps_how_the_reply_stands(conversation: Conversation) -> None:
    reply = make_reply(conversation)
    way = {**LINE, "at": 5.0}

    checkpoint([Beat(reply.pk, 0, "", "", "", ticket="t1", way=way)])

    reply.refresh_from_db()
    assert (reply.ticket, reply.way) == ("t1", way)


def test_a_lost_reply_keeps_who_was_asked_before_and_no_place_in_line(
    conversation: Conversation,
) -> None:
    way = {**LINE, "at": 5.0, "passed_over": [BEFORE]}
    reply = make_reply(conversation, way=way, ticket="t1", beat_at=LONG_AGO)

    silent = timezone.now() - timedelta(minutes=1)
    close_abandoned(before=silent, unbegun_before=silent)

    reply.refresh_from_db()
    assert (reply.way, reply.ticket) == ({"passed_over": [BEFORE]}, "t1")


def test_who_waits_in_line_is_offered_to_leave_it(
    conversation: Conversation, client: Client, person: User
) -> None:
    make_reply(conversation, way={**LINE, "at": time.time()})
    client.force_login(person)

    page = client.get(f"/c/{conversation.pk}/").content.decode()

    assert "Second in line, behind one other, on gpu-01" in page
    assert "Leave the queue" in page.split("</article>")[-2]


def test_a_replys_details_say_where_it_waited(
    conversation: Conversation, client: Client, person: User
) -> None:
    way = {"passed_over": [BEFORE], "queue_ms": 12_000, "load_ms": 8200}
    make_reply(conversation, "Hi", status=Message.Status.DONE, way=way)
    client.force_login(person)

    page = client.get(f"/c/{conversation.pk}/").content.decode()

    reason = "could not be reached (connection refused)"
    for words in (f"gpu-01 was asked first and {reason}", "12.0 s in line", "load 8.2"):
        assert words in page
