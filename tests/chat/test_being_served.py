"""Who is being served now and who waits, as each person may know it."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from chat.being_served import (
    Serving,
    being_served,
    by_model,
    by_server,
    waiting_by_model,
)
from chat.models import Conversation
from dashboard.people.models import User
from models_app.models import Backend
from models_app.serving.ask import Origin
from tests.at_door import come_in, wait_in_line
from tests.make import (
    make_admin,
    make_backend,
    make_conversation,
    make_hidden_backend,
    make_person,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("empty_door")]


@pytest.fixture
def server(db: None) -> Backend:
    return make_backend(name="gpu-01")


def serve(server: Backend, asker: User, *others: User, **about: Any) -> Conversation:
    """The asker is served in a conversation of theirs."""
    conversation = make_conversation(asker, *others, title=f"of {asker}")
    come_in(asker, server, conversation=conversation, **about)
    return conversation


def told(person: User) -> list[str]:
    return [each.whom for each in being_served(person)]


def test_replies_are_counted_for_everybody_and_named_for_those_inside(
    person: User, server: Backend
) -> None:
    pia, max_ = make_person("pia", first_name="Pia"), make_person("max")
    inside = serve(server, pia, person)
    serve(server, max_)

    assert by_server(being_served(person)) == {
        "gpu-01": Serving(2, ("Pia",), ((inside.pk, "of pia"),))
    }
    assert by_server(being_served(make_person())) == {"gpu-01": Serving(2)}


def test_an_administrator_knows_all_people_and_no_title_of_a_strangers(
    server: Backend,
) -> None:
    serve(server, make_person("pia"))

    assert by_server(being_served(make_admin())) == {"gpu-01": Serving(1, ("pia",))}


def test_whoever_waits_is_at_no_server(person: User, server: Backend) -> None:
    serve(server, person)
    wait_in_line(person, make_conversation(person))

    found = being_served(person)

    assert [(each.server, each.waits) for each in found] == [
        ("gpu-01", False),
        ("", True),
    ]
    assert by_server(found).keys() == {"gpu-01"}
    assert waiting_by_model(found) == {"tiny": 1}


def test_of_the_servers_that_somebody_waits_for_each_person_is_told_their_own(
    person: User, server: Backend
) -> None:
    pia, hidden = make_person("pia"), make_hidden_backend(name="secret")
    pia.groups.add(hidden.groups.get())
    place = make_conversation(pia, person)
    come_in(pia, hidden, conversation=place, room=0, others=(server,))

    lines = {each: being_served(each)[0].line for each in (pia, person, make_admin())}

    seen = [line.servers if line else () for line in lines.values()]
    assert seen == [("gpu-01", "secret"), ("gpu-01",), ("gpu-01", "secret")]


def test_who_waits_for_servers_of_others_alone_stands_in_no_line_that_is_told(
    person: User,
) -> None:
    pia = make_person("pia")
    place, hidden = make_conversation(pia, person), make_hidden_backend()
    come_in(pia, hidden, conversation=place, room=0)

    assert [each.standing for each in being_served(person)] == [""]


def test_whoever_is_served_twice_is_named_once(person: User, server: Backend) -> None:
    places = [serve(server, person).pk, serve(server, person).pk]

    [serving] = by_server(being_served(person)).values()

    assert (serving.count, serving.people) == (2, ("olive",))
    assert [pk for pk, _ in serving.conversations] == places


def test_what_no_person_waits_for_is_told_as_such(server: Backend) -> None:
    pia = make_person("pia")
    for origin in (Origin.API, Origin.BATCH, Origin.BACKGROUND):
        come_in(pia, server, origin=origin)

    words = ["a program of pia", "a batch of pia", "work in the background"]
    assert told(make_admin()) == told(pia) == words
    assert told(make_person()) == ["", "", words[-1]]


def test_whoever_is_gone_is_counted(person: User, server: Backend) -> None:
    serve(server, person)
    person.delete()

    assert by_server(being_served(make_admin())) == {"gpu-01": Serving(1)}


def test_models_are_told_apart(person: User, server: Backend) -> None:
    serve(server, person, model="Tiny:latest")
    serve(server, person, model="tiny")
    serve(server, person, model="large")

    found = by_model(being_served(person))

    counts = {key: each.count for key, each in found.items()}
    assert counts == {("gpu-01", "tiny"): 2, ("gpu-01", "large"): 1}


def test_many_cost_three_queries(person: User, server: Backend) -> None:
    for number in range(5):
        serve(server, make_person(f"p{number}"), person)

    with CaptureQueriesContext(connection) as counted:
        being_served(person)

    assert len(counted) == 3
