"""What our own replies tell of the servers that wrote them."""

import json
import time
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from chat.reply_figures import (
    WINDOW,
    Told,
    covered,
    figures_in,
    reply_figures,
    share_of,
    speed_of,
    sum_up_replies,
)
from dashboard.people.models import User
from models_app.figures.queries import Lack, Source, figures_now
from tests.at_door import come_in
from tests.fakes.heard import published
from tests.make import make_backend, make_generation

SPANS = st.lists(
    st.tuples(st.integers(0, 300), st.integers(0, 60)).map(
        lambda each: (float(each[0]), float(sum(each)))
    )
)


def told(
    ended: float, *, first: float = 1, total: float = 11, tokens: int = 50
) -> Told:
    return Told("gpu-01", ended, first, total, tokens)


def test_replies_one_after_the_other_tell_the_speed_of_one() -> None:
    assert speed_of([told(100), told(200)]) == 5


def test_replies_at_once_tell_the_speed_of_the_server() -> None:
    assert speed_of([told(100), told(100), told(100)]) == 15


@pytest.mark.parametrize(
    "nothing",
    [
        Told("gpu-01", 100, None, 11, 50),
        Told("gpu-01", 100, 1, None, 50),
        Told("gpu-01", 100, 1, 11, None),
        Told("gpu-01", 100, 11, 11, 50),
    ],
)
def test_a_reply_that_was_not_measured_says_nothing_of_the_speed(nothing: Told) -> None:
    assert speed_of([nothing]) is None
    assert speed_of([nothing, told(200)]) == 5


@given(SPANS)
def test_overlapping_times_are_counted_once(spans: list[tuple[float, float]]) -> None:
    seconds = {second for start, end in spans for second in range(int(start), int(end))}

    assert covered(spans) == len(seconds)


@given(st.lists(st.floats(0, 100), min_size=1), st.floats(0, 1))
def test_a_share_is_one_of_the_waits(waits: list[float], share: float) -> None:
    found = share_of(sorted(waits), share)

    assert found in waits
    assert share_of([], share) is None


def test_a_server_without_replies_says_so() -> None:
    figures = figures_in([], running=2, at=100.0)

    assert (figures.running, figures.source) == (2, Source.REPLIES)
    assert figures.reasons == {
        "waiting": Lack.NOT_TOLD,
        "kv_cache": Lack.NOT_TOLD,
        "tokens_per_second": Lack.NO_REPLIES,
        "first_token_p50": Lack.NO_REPLIES,
        "first_token_p95": Lack.NO_REPLIES,
    }


def reply(owner: User, *, ago: float = 60, **fields: Any) -> None:
    """One that waited in line for ten seconds."""
    measured = {"queue_ms": 10_000, "first_token_ms": 10_500, "total_ms": 12_500}
    ended = timezone.now() - timedelta(seconds=ago)
    told = {"server": "gpu-01", "completion_tokens": 80, "ended_at": ended}
    make_generation(person=owner, **{**told, **measured, **fields})


@pytest.mark.django_db
@pytest.mark.usefixtures("empty_door")
def test_the_last_five_minutes_of_each_server_are_summed_up(person: User) -> None:
    backend, idle = make_backend(name="gpu-01"), make_backend(name="gpu-02")
    reply(person)
    reply(person, ago=WINDOW.total_seconds() + 5, first_token_ms=19_000)
    come_in(person, backend)
    reply(person, server="gone")

    figures = reply_figures(timezone.now())

    assert {*figures} == {backend.pk, idle.pk}
    assert figures[backend.pk].running == 1
    assert figures[backend.pk].first_token_p95 == 0.5
    assert figures[backend.pk].tokens_per_second == 40
    assert figures[idle.pk].reasons["tokens_per_second"] == Lack.NO_REPLIES


@pytest.mark.django_db
@pytest.mark.usefixtures("empty_door")
def test_what_is_written_now_counts_before_what_is_over(person: User) -> None:
    backend = make_backend(name="gpu-01")
    reply(person)
    for pace in (10.0, 15.0):
        come_in(person, backend, pace=pace, paced_at=time.time(), written=9)

    figures = reply_figures(timezone.now())

    assert figures[backend.pk].tokens_per_second == 25


@pytest.mark.django_db
@pytest.mark.usefixtures("no_status")
def test_what_replies_tell_is_kept_and_told_when_it_is_due(person: User) -> None:
    backend = make_backend(name="gpu-01")
    reply(person)

    with published() as events:
        sum_up_replies()
        sum_up_replies()

    [event] = events
    [server] = json.loads(event.frame())["servers"]
    assert (server["backend"], server["source"]) == (backend.pk, "replies")
    assert figures_now()[backend.pk].first_token_p50 == 0.5
