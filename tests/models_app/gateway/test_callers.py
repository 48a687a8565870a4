"""Who calls: what is known of a key, for how long, and how often it may ask."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
import redis
from django.contrib.auth.models import Group
from pytest_django import DjangoAssertNumQueries, Settings

from dashboard.errors import (
    KeyMissing,
    KeyRequestsSpent,
    KeyUnknown,
    ModelUnknown,
    OriginRefused,
)
from dashboard.live.bus import link
from dashboard.people.models import User
from models_app.gateway.callers import (
    SECONDS,
    Caller,
    caller_of,
    count_request,
    forget_callers,
)
from models_app.gateway.refusals import Refusal, as_openai
from models_app.ledger import minutes
from models_app.models import ApiKey, FieldGrant
from models_app.services.api_keys import make_key, revoke_key

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 28, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def nothing_known() -> Iterator[None]:
    forget_callers()
    if keys := link().keys("paddock:quota:*"):
        link().delete(*keys)
    yield
    forget_callers()


def made_for(person: User, *models: str, **fields: object) -> Caller:
    made = make_key(person, "laptop", allowed_models=models)
    ApiKey.objects.filter(pk=made.key.pk).update(**fields)
    return caller_of(made.secret)


def test_without_a_key_nobody_calls() -> None:
    with pytest.raises(KeyMissing):
        caller_of("")
    with pytest.raises(KeyUnknown):
        caller_of("pdk-nobody-has-this")


def test_a_key_is_not_looked_up_for_each_call(
    person: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    made = make_key(person, "laptop")
    first = caller_of(made.secret)

    with django_assert_num_queries(0):
        assert caller_of(made.secret) == first


@pytest.mark.parametrize("end", ["revoked", "disabled", "deleted"])
def test_within_a_second_a_key_that_ended_lets_nobody_in(
    person: User, end: str
) -> None:
    clock = [100.0]
    made = make_key(person, "laptop")
    caller_of(made.secret, clock=lambda: clock[0])
    if end == "revoked":
        revoke_key(made.key, by=person)
    elif end == "disabled":
        User.objects.filter(pk=person.pk).update(is_active=False)
    else:
        person.delete()

    clock[0] += SECONDS

    assert SECONDS < 1
    with pytest.raises(KeyUnknown):
        caller_of(made.secret, clock=lambda: clock[0])


def test_a_use_is_noted_once_a_minute(person: User) -> None:
    made = make_key(person, "laptop")
    for second in range(0, 60, 5):
        caller_of(made.secret, clock=partial(float, second))
    ApiKey.objects.update(used_at=None)

    caller_of(made.secret, clock=lambda: 59.0)
    assert ApiKey.objects.get().used_at is None
    caller_of(made.secret, clock=lambda: 61.0)

    assert ApiKey.objects.get().used_at is not None


def test_a_key_for_some_models_knows_no_others(person: User) -> None:
    caller = made_for(person, "Qwen3:latest")

    caller.check_model("qwen3")
    with pytest.raises(ModelUnknown, match="GET /v1/models"):
        caller.check_model("llama3.2")


def test_a_key_for_no_model_in_particular_is_for_all(person: User) -> None:
    made_for(person).check_model("whatever")


def test_only_pages_that_the_key_names_may_use_it(person: User) -> None:
    caller = made_for(person, origins=["https://app.example"])

    caller.check_origin("https://app.example")
    with pytest.raises(OriginRefused):
        caller.check_origin("https://evil.example")


def test_fields_are_granted_to_a_group_and_to_everybody(person: User) -> None:
    lab = Group.objects.create(name="lab")
    FieldGrant.objects.create(group=lab, fields=["num_ctx"])
    FieldGrant.objects.create(group=None, fields=["keep_alive"])
    assert made_for(person).fields == frozenset(["keep_alive"])

    person.groups.add(lab)
    forget_callers()

    other = caller_of(make_key(person, "other").secret)
    assert other.fields == frozenset(["keep_alive", "num_ctx"])


def test_an_administrator_sends_what_they_like(admin: User) -> None:
    assert made_for(admin).fields is None


def test_a_key_asks_so_many_times_within_any_minute(person: User) -> None:
    caller = made_for(person, requests_a_minute=2)
    count_request(caller, now=NOON)
    count_request(caller, now=NOON + timedelta(seconds=20))

    with pytest.raises(KeyRequestsSpent) as refused:
        count_request(caller, now=NOON + timedelta(seconds=30))

    assert refused.value.facts["retry_after"] == 30
    count_request(caller, now=NOON + timedelta(seconds=60))


def test_each_key_is_counted_for_itself(person: User) -> None:
    first = made_for(person, requests_a_minute=1)
    ApiKey.objects.update(name="first")
    second = made_for(person, requests_a_minute=1)
    count_request(first, now=NOON)

    count_request(second, now=NOON)
    with pytest.raises(KeyRequestsSpent):
        count_request(first, now=NOON)


def test_a_spent_key_is_told_when_to_ask_again_as_openai_does() -> None:
    spent = KeyRequestsSpent(limit=2, seconds=30, retry_after=30)

    refusal = Refusal(spent)

    assert (refusal.status_code, refusal.headers["retry-after"]) == (429, "30")
    told = as_openai(spent)["error"]
    assert (told["type"], told["code"]) == ("rate_limit_error", "rate_limit_exceeded")
    assert "2 times a minute, and has. Ask again in 30 s." in told["message"]


def test_without_redis_keys_are_not_limited(person: User, settings: Settings) -> None:
    caller = made_for(person, requests_a_minute=0)
    settings.REDIS_URL = "redis://127.0.0.1:9/0"
    link.cache_clear()
    try:
        count_request(caller)
        with pytest.raises(redis.RedisError):
            link().ping()
    finally:
        link.cache_clear()
        minutes._away.until = 0.0
