"""Nobody takes more than they may, and whoever is refused knows when there is more."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import redis
from django.contrib.auth.models import Group
from pytest_django import DjangoAssertNumQueries, Settings

from dashboard.errors import (
    GpuTimeSpent,
    QuotaSpent,
    RequestsSpent,
    TokensSpent,
)
from dashboard.live.bus import link
from dashboard.people.models import User
from dashboard.sentences import told
from models_app.ledger import minutes
from models_app.ledger.entries import Entry, write_entry
from models_app.ledger.quotas import (
    UNLIMITED,
    Allowance,
    check_quota,
    quota_of,
    refuse_place,
)
from models_app.ledger.spent import forget_all_spent
from models_app.models import Quota
from models_app.snapshot import everything, forget
from tests.make import make_generation

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 28, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def nothing_counted() -> None:
    forget_all_spent()
    if keys := link().keys("paddock:quota:*"):
        link().delete(*keys)


def limit(**fields: Any) -> None:
    Quota.objects.create(**fields)
    forget()


def group_of(person: User, **limits: int | None) -> None:
    group = Group.objects.create(name=f"group-{Group.objects.count()}")
    person.groups.add(group)
    limit(group=group, **limits)


def refusal(person: User, *, now: datetime = NOON) -> QuotaSpent:
    with pytest.raises(QuotaSpent) as refused:
        check_quota(person, now=now)
    return refused.value


def test_without_quotas_nobody_is_limited_and_nothing_is_asked(
    person: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    quota_of(person)

    with django_assert_num_queries(0):
        check_quota(person)

    assert quota_of(person) == UNLIMITED


def test_quotas_are_read_with_the_snapshot(
    person: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    limit(person=person, at_once=2)
    everything()

    with django_assert_num_queries(1):
        assert quota_of(person) == Allowance(at_once=2)
    with django_assert_num_queries(0):
        check_quota(person)


def test_the_own_quota_wins_over_those_of_groups_and_of_everybody(person: User) -> None:
    limit(tokens_a_day=1)
    assert quota_of(person) == Allowance(tokens_a_day=1)

    group_of(person, tokens_a_day=500, at_once=2)
    assert quota_of(person) == Allowance(tokens_a_day=500, at_once=2)

    limit(person=person, tokens_a_day=9)
    assert quota_of(person) == Allowance(tokens_a_day=9)


def test_of_several_groups_the_widest_of_each_limit_counts(person: User) -> None:
    group_of(person, tokens_a_day=500, at_once=2, requests_a_minute=4)
    group_of(person, tokens_a_day=100, at_once=3, gpu_minutes_a_day=7)

    assert quota_of(person) == Allowance(tokens_a_day=500, at_once=3)


def test_an_administrator_is_limited_by_their_own_quota_alone(admin: User) -> None:
    limit(tokens_a_day=1)
    group_of(admin, tokens_a_day=2)
    assert quota_of(admin) == UNLIMITED

    limit(person=admin, tokens_a_day=3)
    assert quota_of(admin) == Allowance(tokens_a_day=3)


def test_whoever_has_so_many_replies_is_told_how_many(person: User) -> None:
    limit(person=person, at_once=2)

    error = refuse_place(person)

    assert "2 replies at once" in told(error)
    assert (error.status, error.facts["retry_after"]) == (429, 5)


def test_an_ask_that_the_door_refuses_does_not_count(person: User) -> None:
    limit(requests_a_minute=1, at_once=1)
    check_quota(person, now=NOON)

    refuse_place(person)

    check_quota(person, now=NOON)


def test_the_tokens_of_a_day_begin_anew_at_midnight(person: User) -> None:
    limit(tokens_a_day=100)
    make_generation(person=person, ended_at=NOON, prompt_tokens=60)
    check_quota(person, now=NOON)
    forget_all_spent()
    make_generation(person=person, ended_at=NOON, completion_tokens=40)

    error = refusal(person)

    assert isinstance(error, TokensSpent)
    assert "100 tokens a day, and have used 100 today" in told(error)
    assert error.facts["retry_after"] == 12 * 3600
    check_quota(person, now=NOON + timedelta(hours=12))


def test_many_tokens_are_told_with_their_thousands_apart() -> None:
    error = TokensSpent(limit=2_000_000, used=2_000_065, zone="UTC")

    assert "2,000,000 tokens a day, and have used 2,000,065" in told(error)
    assert error.facts["used"] == 2_000_065


def test_a_day_is_one_of_the_house(person: User, settings: Settings) -> None:
    settings.TIME_ZONE = "Asia/Kolkata"
    limit(tokens_a_day=100)
    make_generation(
        person=person, ended_at=NOON - timedelta(hours=18), prompt_tokens=100
    )
    check_quota(person, now=NOON)
    forget_all_spent()
    make_generation(
        person=person, ended_at=NOON - timedelta(hours=17), prompt_tokens=100
    )

    error = refusal(person)

    assert "(Asia/Kolkata)" in told(error)
    assert error.facts["retry_after"] == 6.5 * 3600


def test_the_gpu_time_of_a_day_is_limited(person: User) -> None:
    limit(gpu_minutes_a_day=2)
    make_generation(person=person, ended_at=NOON, gpu_seconds=119.0)
    check_quota(person, now=NOON)
    forget_all_spent()
    make_generation(person=person, ended_at=NOON, gpu_seconds=1.0)

    error = refusal(person)

    assert isinstance(error, GpuTimeSpent)
    assert "2 minutes a day, and have for 2 today" in told(error)


def test_what_others_used_does_not_count(person: User, admin: User) -> None:
    limit(tokens_a_day=100)
    make_generation(person=admin, ended_at=NOON, prompt_tokens=1000)
    make_generation(person=None, ended_at=NOON, prompt_tokens=1000)

    check_quota(person, now=NOON)


def test_a_row_that_was_just_written_counts_at_once(
    person: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    limit(tokens_a_day=100)
    check_quota(person, now=NOON)
    with django_assert_num_queries(0):
        check_quota(person, now=NOON)

    write_entry(Entry("t", "tiny", NOON, NOON, person=person.pk, completion_tokens=100))

    assert isinstance(refusal(person), TokensSpent)


def test_any_minute_has_so_many_requests(person: User) -> None:
    limit(requests_a_minute=2)
    check_quota(person, now=NOON)
    check_quota(person, now=NOON + timedelta(seconds=50))

    error = refusal(person, now=NOON + timedelta(seconds=59))

    assert isinstance(error, RequestsSpent)
    assert error.facts["retry_after"] == 1
    # A page keeps the sentence for longer than that.
    assert told(error).endswith("Ask again when the minute is over.")
    check_quota(person, now=NOON + timedelta(seconds=60))
    late = refusal(person, now=NOON + timedelta(seconds=61))
    assert late.facts["retry_after"] == 49


def test_a_request_that_is_refused_does_not_count(person: User) -> None:
    limit(requests_a_minute=1, tokens_a_day=0)
    refusal(person)
    Quota.objects.update(tokens_a_day=None)
    forget()

    check_quota(person, now=NOON)


def test_a_limit_of_nought_lets_nobody_ask(person: User) -> None:
    limit(requests_a_minute=0)

    assert refusal(person).facts["retry_after"] == 60


def test_without_redis_requests_are_not_limited(
    person: User, settings: Settings
) -> None:
    limit(requests_a_minute=0)
    settings.REDIS_URL = "redis://127.0.0.1:9/0"
    link.cache_clear()
    try:
        check_quota(person, now=NOON)
        with pytest.raises(redis.RedisError):
            link().ping()
    finally:
        link.cache_clear()
        minutes._away.until = 0.0
