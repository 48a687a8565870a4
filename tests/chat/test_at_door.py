"""Who is at the door, by the tickets of all processes, and by the rows without Redis."""

import time
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime

import pytest
from pytest_django import Settings

from chat.at_door import InLine, all_present
from chat.phases import Told
from dashboard.live.glance import glance_here
from dashboard.people.models import User
from models_app.serving.ask import Origin
from tests.at_door import come_in, wait_in_line
from tests.house import free_port
from tests.make import (
    make_backend,
    make_conversation,
    make_message,
    make_person,
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


def test_whoever_waits_says_for_which_servers_where_and_how_long(person: User) -> None:
    server, due = make_backend(name="gpu-01"), time.time() + 40
    first = come_in(make_person("pia"), server, room=0)
    second = come_in(person, server, room=0, due_at=due)

    lines = {each.ticket: each.line for each in all_present()}

    assert lines[first] == InLine(("gpu-01",), 1, 0)
    assert lines[second] == InLine(("gpu-01",), 2, 1, datetime.fromtimestamp(due, UTC))


def test_while_redis_is_away_a_row_tells_its_place_in_line(
    person: User, no_redis: None
) -> None:
    told = Told("queued", server="gpu-01", position=3, people=2)
    way = {"phase": asdict(told), "at": time.time()}
    make_reply(make_conversation(person), asked_by=person, way=way)

    [present] = all_present()

    assert present.line == InLine(("gpu-01",), 3, 2)


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
