"""How long things take as a rule."""

import asyncio
from datetime import timedelta

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from dashboard.live.db import in_db
from models_app.models import Backend, Generation
from models_app.serving.estimates import (
    Expected,
    Pace,
    Row,
    expected,
    expected_at,
    forget,
    newest_rows,
    pace_of,
    queue_seconds,
)
from tests.make import make_backend

NOTHING = Row(None, None, None, None, None, None)
MS = st.none() | st.integers(0, 10**6)


def row(**told: int) -> Row:
    return Row(**{**dict.fromkeys(Row.__slots__), **told})


def make_generation(backend: Backend, **fields: object) -> None:
    number = Generation.objects.count()
    now = timezone.now() + timedelta(seconds=number)
    wanted = {"origin": "person", "model": "tiny", "status": "done", **fields}
    Generation.objects.create(
        ticket=str(number), backend=backend, asked_at=now, ended_at=now, **wanted
    )


def test_what_nobody_told_teaches_nothing() -> None:
    assert pace_of([NOTHING]) == pace_of([]) == Pace()


def test_a_load_takes_what_loads_took_and_a_mere_look_is_none() -> None:
    rows = [row(load_ms=each) for each in (40, 8000, 9000, 60, 10_000)]

    assert pace_of(rows).load_s == 9


def test_a_prompt_is_read_at_the_speed_of_those_that_waited_for_no_load() -> None:
    plain = row(
        first_token_ms=3000, queue_ms=1000, prompt_tokens=5000, cached_tokens=1000
    )
    loading = row(first_token_ms=90_000, load_ms=80_000, prompt_tokens=5000)
    short = row(first_token_ms=500, prompt_tokens=20)

    assert pace_of([plain, loading, short]).tokens_per_s == 2000


def test_a_turn_does_not_count_its_queue() -> None:
    rows = [row(total_ms=9000, queue_ms=5000), row(total_ms=6000), row(total_ms=5000)]

    assert pace_of(rows).turn_s == 5


@given(st.lists(st.builds(Row, MS, MS, MS, MS, MS, MS), max_size=30))
def test_no_reply_makes_time_run_backwards(rows: list[Row]) -> None:
    pace = pace_of([row for row in rows if (row.queue_ms or 0) <= (row.total_ms or 0)])

    assert (pace.load_s or 0) >= 0
    assert (pace.turn_s or 0) >= 0
    assert pace.tokens_per_s is None or pace.tokens_per_s > 0


def test_a_model_that_is_in_memory_needs_no_load() -> None:
    pace = Pace(load_s=12, tokens_per_s=100, turn_s=20)

    assert expected_at(pace, 500, loaded=True) == Expected(0.0, 5.0, 20)
    assert expected_at(pace, 500, loaded=False).first_token_s == 17
    assert expected_at(pace, None, loaded=False).first_token_s is None
    assert expected_at(Pace(), 500, loaded=False) == Expected()


def test_a_queue_takes_as_long_as_the_turns_before() -> None:
    assert queue_seconds(20, position=3, room=2) == 30
    assert queue_seconds(None, position=3, room=2) is None


@pytest.mark.django_db
def test_only_whole_replies_of_that_model_there_teach() -> None:
    backend = make_backend()
    make_generation(backend, total_ms=1)
    make_generation(backend, total_ms=2, status="stopped")
    make_generation(backend, total_ms=3, model="other")
    make_generation(make_backend(name="gpu-02"), total_ms=4)
    make_generation(backend, total_ms=5)

    assert [each.total_ms for each in newest_rows(backend.pk, "tiny")] == [5, 1]


@pytest.mark.django_db(transaction=True)
async def test_what_is_known_is_learned_beside_the_way_of_a_reply() -> None:
    forget()
    backend = await in_db(make_backend)()
    await in_db(make_generation)(backend, total_ms=4000)

    first = expected(backend.pk, "tiny", 10, loaded=True)

    assert first.turn_s is None
    async with asyncio.timeout(5):
        while expected(backend.pk, "tiny", 10, loaded=True).turn_s != 4:
            await asyncio.sleep(0)
    forget()
