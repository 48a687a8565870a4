"""What somebody may take, as their page says it."""

import pytest
from django.test import Client
from django.urls import reverse

from dashboard.people.models import User
from models_app.ledger.limits import limits_of
from models_app.ledger.spent import forget_all_spent
from models_app.models import Quota
from models_app.snapshot import forget
from tests.make import make_generation, make_person

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def read_anew() -> None:
    forget_all_spent()


def limit(person: User, **limits: int) -> None:
    Quota.objects.create(person=person, **limits)
    forget()


def test_limits_of_a_day_say_what_is_used() -> None:
    person = make_person()
    make_generation(person=person, prompt_tokens=1040, completion_tokens=9)
    limit(person, tokens_a_day=4000, at_once=3)

    told = [(each.words, each.used, each.most) for each in limits_of(person)]

    day = "1,049 of 4,000 tokens used today"
    assert told == [(day, 1049, 4000), ("3 replies at once", 0, 0)]


def test_they_stand_on_the_page_of_usage(person: User, signed_in: Client) -> None:
    limit(person, gpu_minutes_a_day=10, requests_a_minute=2)

    page = signed_in.get(reverse("usage")).content.decode()

    assert "0 of 10 GPU-minutes used today" in page
    assert "2 requests a minute" in page


def test_whoever_has_no_limits_is_told_of_none(signed_in: Client) -> None:
    assert limits_of(make_person()) == []
    assert "Your limits" not in signed_in.get(reverse("usage")).content.decode()
