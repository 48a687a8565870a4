"""Pulls as pages list them."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.utils import timezone

from dashboard.people.models import User
from models_app.models import PullRequest, Restriction
from models_app.pull_queries import shown_pulls, time_left
from tests.make import (
    make_backend,
    make_hidden_backend,
    make_person,
    make_pull,
)

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({}, "–"),
        ({"total": 100}, "–"),
        ({"total": 100, "speed": 0}, "–"),
        ({"total": 100, "done": 100, "speed": 9}, "–"),
        ({"total": 100, "done": 99, "speed": 9}, "1 second"),
        ({"total": 100, "speed": 2}, "50 seconds"),
        ({"total": 7300, "speed": 1}, "2\xa0hours, 1\xa0minute"),
        ({"total": 2**60, "speed": 1}, "1\xa0year"),
    ],
)
def test_the_time_left_is_told_where_it_can_be_known(
    fields: dict[str, Any], told: str
) -> None:
    assert time_left(make_pull(**fields)) == told


def test_a_member_sees_of_what_has_ended_only_what_they_asked_for(
    person: User,
) -> None:
    now = timezone.now()
    asked, waits = make_pull(status="failed", ended_at=now), make_pull()
    make_pull(status="failed", ended_at=now)
    request = PullRequest.objects.create(name="tiny", key="tiny", status="approved")
    request.askers.create(person=person)
    request.pulls.add(asked)

    assert shown_pulls(person) == [waits, asked]


def test_a_page_shows_what_is_open_and_what_ended_lately(admin: User) -> None:
    now = timezone.now()
    done = make_pull(status="done", ended_at=now)
    failed = make_pull(status="failed", ended_at=now - timedelta(hours=1))
    waits = make_pull()
    make_pull(status="failed", ended_at=now, dismissed=True)
    make_pull(status="done", ended_at=now - timedelta(days=2))

    assert shown_pulls(admin) == [waits, done, failed]


def test_pulls_to_servers_and_of_models_of_others_are_not_shown(
    person: User, admin: User
) -> None:
    others = Group.objects.create(name="others")
    closed = make_backend()
    closed.groups.add(others)
    Restriction.objects.create(model="secret").groups.add(others)
    hidden = make_pull(backend=closed), make_pull("secret")

    assert shown_pulls(person) == []
    assert shown_pulls(admin) == [*hidden]


def test_whoever_started_a_pull_sees_it_wherever_it_goes(person: User) -> None:
    Restriction.objects.create(model="secret")
    ours = [
        make_pull(backend=make_hidden_backend(), asked_by=person),
        make_pull("secret", asked_by=person),
    ]
    make_pull("secret", asked_by=make_person())

    assert shown_pulls(person) == ours
