"""Who is at the door, by the tickets of all processes, and by the rows without Redis."""

from collections.abc import Iterator

import pytest
from pytest_django import Settings

from chat.at_door import all_present
from dashboard.live.glance import glance_here
from dashboard.people.models import User
from models_app.serving.ask import Origin
from tests.at_door import come_in, wait_in_line
from tests.house import free_port
from tests.make import (
    make_backend,
    make_conversation,
    make_message,
    make_preset,
    make_reply,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("empty_door")]


@pytest.fixture
def no_redis(settings: Settings) -> Iterator[None]:
    settings.REDIS_URL = f"redis://127.0.0.1:{free_port()}"
    glance_here.cache_clear()
    yield
    glance_here.cache_clear()


def test_whoever_is_served_comes_before_whoever_waits(person: User) -> None:
    backend, conversation = make_backend(name="gpu-01"), make_conversation(person)
    waits = wait_in_line(person)
    runs = come_in(person, backend, conversation=conversation, origin=Origin.API)

    first, second = all_present()

    assert (first.ticket, first.server, first.waits) == (runs, "gpu-01", False)
    assert (first.person, first.conversation) == (person.pk, conversation.pk)
    assert (first.origin, first.model) == (Origin.API, "tiny")
    assert (second.ticket, second.server, second.waits) == (waits, "", True)
    assert first.since is not None


def test_an_open_reply_without_a_ticket_is_nobody_at_the_door(person: User) -> None:
    make_reply(make_conversation(person), server="gpu-01", asked_by=person)

    assert all_present() == []


def test_while_redis_is_away_the_rows_of_open_replies_tell(
    person: User, no_redis: None
) -> None:
    preset = make_preset(model="large")
    conversation = make_conversation(person)
    make_message(conversation)
    make_reply(conversation, ticket="a", server="gpu-01", asked_by=person)
    make_reply(make_conversation(person), target=f"preset:{preset.pk}", asked_by=person)
    make_reply(make_conversation(person), target="preset:0", status="done")

    first, second = all_present()

    assert (first.ticket, first.server, first.waits) == ("a", "gpu-01", False)
    assert (first.model, second.model) == ("tiny", "large")
    assert (second.person, second.server, second.waits) == (person.pk, "", True)
