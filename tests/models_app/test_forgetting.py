"""What is forgotten after its time, and what is not."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from celery import current_app
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import Settings

from dashboard.people.models import User
from models_app.models import (
    Alert,
    Asker,
    Delivery,
    Errand,
    Generation,
    ModelShape,
    Pull,
    PullRequest,
    Webhook,
)
from models_app.pull_queries import notices_for
from models_app.services.forgetting import forget_old
from models_app.tasks import forget_the_old
from tests.make import (
    make_backend,
    make_errand,
    make_generation,
    make_model,
    make_person,
    make_preset,
    make_pull,
)

pytestmark = pytest.mark.django_db
DONE, FAILED = Pull.Status.DONE, Pull.Status.FAILED


@pytest.fixture
def now() -> datetime:
    return timezone.now()


def ago(now: datetime, days: float) -> datetime:
    return now - timedelta(days=days)


def ended_pull(now: datetime, days: float, **fields: Any) -> Pull:
    facts: dict[str, Any] = {
        "status": DONE,
        "ended_at": ago(now, days),
        "created_at": ago(now, days),
    }
    return make_pull(**{**facts, **fields})


def request_of(
    now: datetime, days: float, *pulls: Pull, **news: bool | User
) -> PullRequest:
    """A request that was answered so long ago; all who asked have seen it."""
    status = PullRequest.Status.APPROVED if pulls else PullRequest.Status.DECLINED
    asked = {"name": "tiny", "key": "tiny:latest", "status": status}
    request = PullRequest.objects.create(**asked, answered_at=ago(now, days))
    request.pulls.set(pulls)
    asker: dict[str, object] = {"person": news.pop("person", None) or make_person()}
    Asker.objects.create(request=request, **{**asker, **news})
    return request


@pytest.mark.parametrize("status", [Errand.Status.DONE, Errand.Status.FAILED])
def test_an_errand_is_forgotten_a_week_after_its_end(
    now: datetime, status: Errand.Status
) -> None:
    model = make_model()
    make_errand(model, status=status, ended_at=ago(now, 7.1))
    lately = make_errand(model, status=status, ended_at=ago(now, 6.9))

    forget_old(now=now)

    assert Errand.objects.get() == lately


def test_what_is_open_is_never_forgotten(now: datetime) -> None:
    make_errand(make_model(), created_at=ago(now, 1000))
    make_pull(created_at=ago(now, 1000), beat_at=ago(now, 1000))
    PullRequest.objects.create(name="a", key="a", created_at=ago(now, 1000))

    forget_old(now=now)

    kept = Errand.objects.count(), Pull.objects.count(), PullRequest.objects.count()
    assert kept == (1, 1, 1)


@pytest.mark.parametrize("status", [DONE, FAILED, Pull.Status.CANCELLED])
def test_a_pull_is_forgotten_ninety_days_after_its_end(
    now: datetime, status: Pull.Status
) -> None:
    ended_pull(now, 91, status=status)
    lately = ended_pull(now, 89, status=status, name="small")

    forget_old(now=now)

    assert Pull.objects.get() == lately


def test_a_request_goes_with_those_who_asked_and_with_its_pulls(now: datetime) -> None:
    request_of(now, 91, ended_pull(now, 91))

    forget_old(now=now)

    assert not PullRequest.objects.exists()
    assert not Asker.objects.exists()
    assert not Pull.objects.exists()


def test_news_that_somebody_has_not_seen_stay_true(now: datetime) -> None:
    person, pull = make_person(), ended_pull(now, 100)
    request_of(now, 100, pull, person=person, news=True)
    before = notices_for(person)

    forget_old(now=now)

    assert before
    assert notices_for(person) == before


def test_news_that_nobody_looks_at_for_a_year_are_forgotten(now: datetime) -> None:
    request_of(now, 366, ended_pull(now, 366), news=True)
    again = request_of(now, 366, ended_pull(now, 3), news=True)

    forget_old(now=now)

    assert PullRequest.objects.get() == again


def test_nobody_is_waited_for_who_can_no_longer_sign_in(now: datetime) -> None:
    request_of(now, 91, person=make_person(is_active=False), news=True)

    forget_old(now=now)

    assert not PullRequest.objects.exists()


def test_a_request_waits_for_its_pull_that_is_under_way(now: datetime) -> None:
    request_of(now, 91, ended_pull(now, 91), make_pull())

    forget_old(now=now)

    assert PullRequest.objects.get().pulls.count() == 2


def test_the_last_making_of_each_model_of_a_preset_stays(now: datetime) -> None:
    made = {"preset": make_preset(), "backend": make_backend()}
    ended_pull(now, 200, **made)
    last = ended_pull(now, 150, **made)
    other = ended_pull(now, 180, name="small", **made)

    forget_old(now=now)

    assert {*Pull.objects.all()} == {last, other}


def old_shape(now: datetime, mark: str, days: float = 400) -> None:
    shape = ModelShape.objects.create(mark=mark, told={})
    ModelShape.objects.filter(pk=shape.pk).update(seen_at=ago(now, days))


def test_a_shape_is_forgotten_a_month_after_its_model_is_gone(now: datetime) -> None:
    for mark in ("listed", "lately", "gone", "replaced"):
        old_shape(now, mark)
    old_shape(now, "new", days=1)
    long_ago = ago(now, 31)
    make_model(mark="listed", seen_at=long_ago)
    make_model(mark="lately", seen_at=ago(now, 29), listed=False)
    make_model(mark="gone", seen_at=long_ago, listed=False)

    forget_old(now=now)

    kept = ModelShape.objects.values_list("mark", flat=True)
    assert {*kept} == {"listed", "lately", "new"}


def test_a_shape_that_one_server_has_left_and_another_lists_stays(
    now: datetime,
) -> None:
    old_shape(now, "same")
    make_model(mark="same", seen_at=ago(now, 31), listed=False)
    make_model(mark="same", seen_at=ago(now, 31))

    forget_old(now=now)

    assert ModelShape.objects.exists()


def test_the_ledger_goes_back_as_far_as_the_house_wants(
    now: datetime, settings: Settings
) -> None:
    for days in (401, 399, 29):
        make_generation(ended_at=ago(now, days))

    forget_old(now=now)
    kept = Generation.objects.count()
    settings.PADDOCK_LEDGER_DAYS = 30
    forget_old(now=now)

    assert (kept, Generation.objects.count()) == (2, 1)


def alert_of(subject: str, began: datetime, *, over: datetime | None = None) -> Alert:
    """One that a webhook was told of."""
    times = {"began": began, "troubled_at": began, "opened_at": began}
    alert = Alert.objects.create(
        kind="hot", subject=subject, cleared_at=over, facts={}, **times
    )
    webhook, _ = Webhook.objects.get_or_create(name="room")
    Delivery.objects.create(webhook=webhook, alert=alert, event="fired")
    return alert


def test_an_alert_is_forgotten_ninety_days_after_its_end_with_what_was_told(
    now: datetime,
) -> None:
    began = ago(now, 400)
    alert_of("over", began, over=ago(now, 91))
    lately = alert_of("lately", began, over=ago(now, 89))
    open_one = alert_of("open", began)

    forget_old(now=now)

    assert {*Alert.objects.all()} == {lately, open_one}
    assert {each.alert for each in Delivery.objects.all()} == {lately, open_one}


def test_many_rows_go_a_few_at_a_time(now: datetime) -> None:
    model = make_model()
    for _ in range(7):
        make_errand(model, status=Errand.Status.DONE, ended_at=ago(now, 8))

    with CaptureQueriesContext(connection) as asked:
        forget_old(now=now, chunk=3)

    deletes = [each for each in asked if each["sql"].startswith("DELETE")]
    assert len(deletes) == 3
    assert not Errand.objects.exists()


def test_forgetting_twice_is_forgetting_once(now: datetime) -> None:
    request_of(now, 91, ended_pull(now, 91))
    forget_old(now=now)
    kept = ended_pull(now, 89)

    forget_old(now=now)

    assert Pull.objects.get() == kept


def test_the_clock_has_the_old_forgotten_every_day(now: datetime) -> None:
    ended_pull(now, 91)
    names = {each["task"] for each in settings.CELERY_BEAT_SCHEDULE.values()}

    forget_the_old()

    assert forget_the_old.name in names & {*current_app.tasks}
    assert not Pull.objects.exists()
