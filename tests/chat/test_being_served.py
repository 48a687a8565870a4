"""Who is being served now, as each person may know it."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from chat.being_served import Serving, by_model, by_server, open_replies
from dashboard.people.models import User
from tests.make import (
    make_admin,
    make_conversation,
    make_message,
    make_model,
    make_person,
    make_preset,
    make_reply,
)

pytestmark = pytest.mark.django_db


def being_served(person: User) -> dict[str, Serving]:
    return by_server(open_replies(person))


def serve(asker: User, *others: User, server: str = "gpu-01", **fields: Any) -> int:
    """An open reply to a person in a conversation of theirs."""
    conversation = make_conversation(asker, *others, title=f"of {asker}")
    make_reply(conversation, asked_by=asker, server=server, **fields)
    return conversation.pk


def test_replies_are_counted_for_everybody_and_named_for_those_inside(
    person: User,
) -> None:
    pia, max_ = make_person("pia", first_name="Pia"), make_person("max")
    inside = serve(pia, person)
    serve(max_)

    assert being_served(person) == {
        "gpu-01": Serving(2, ("Pia",), ((inside, "of pia"),))
    }
    assert being_served(make_person()) == {"gpu-01": Serving(2)}


def test_an_administrator_knows_all_people_and_no_title_of_a_strangers() -> None:
    serve(make_person("pia"))
    serve(make_person("max"), server="")

    assert being_served(make_admin()) == {
        "gpu-01": Serving(1, ("pia",)),
        "": Serving(1, ("max",)),
    }


def test_whoever_is_served_twice_is_named_once(person: User) -> None:
    places = [serve(person), serve(person)]

    [serving] = being_served(person).values()

    assert (serving.count, serving.people) == (2, ("olive",))
    assert [pk for pk, _ in serving.conversations] == places


def test_what_is_closed_is_not_being_served(person: User) -> None:
    serve(person, status="done")

    assert being_served(person) == {}


def test_a_reply_of_somebody_who_is_gone_is_counted(person: User) -> None:
    conversation = make_conversation(person)
    make_reply(conversation, server="gpu-01", asked_by=None)

    assert being_served(make_admin()) == {"gpu-01": Serving(1)}


def test_models_are_told_apart_also_behind_a_preset(person: User) -> None:
    model = make_model("Tiny:latest")
    preset = make_preset(model="tiny")
    serve(person, target="model:Tiny:latest")
    serve(person, target=f"preset:{preset.pk}")
    serve(person, target="preset:0")

    found = by_model(open_replies(make_admin()))

    assert model.name == "Tiny:latest"
    counts = {key: each.count for key, each in found.items()}
    assert counts == {("gpu-01", "tiny"): 2, ("gpu-01", ""): 1}


def test_a_hundred_replies_take_two_queries(person: User) -> None:
    for number in range(5):
        serve(make_person(f"p{number}"), person)
    make_message(make_conversation(person))

    with CaptureQueriesContext(connection) as asked:
        being_served(person)

    assert len(asked) == 2
