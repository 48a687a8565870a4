"""Whatever is read, and in whatever rhythm: an alert opens once, and ends once."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from models_app.alerts.course import Course, next_course
from models_app.alerts.findings import Verdict

LASTS, CALM = 10, 30
LOOKS = st.lists(st.tuples(st.sampled_from(Verdict), st.integers(0, 40)), max_size=60)


def courses(looks: list[tuple[Verdict, int]]) -> list[tuple[float, Course | None]]:
    """Where an alert was after each look; one that is over makes room for the next."""
    now, course, found = 0.0, None, list[tuple[float, Course | None]]()
    for verdict, pause in looks:
        now += pause
        before: Course | None = None if course and course.is_over else course
        course = next_course(before, verdict, now=now, lasts=LASTS, calm=CALM)
        found.append((now, course))
    return found


def every(seconds: int, *verdicts: Verdict) -> list[Course | None]:
    return [course for _, course in courses([(each, seconds) for each in verdicts])]


@given(LOOKS)
def test_an_alert_opens_only_after_trouble_that_lasted(
    looks: list[tuple[Verdict, int]],
) -> None:
    for now, course in courses(looks):
        if course and course.opened_at == now:
            assert now - course.began >= LASTS
            since = [v for v, at in timed(looks) if course.began <= at <= now]
            assert set(since[-1:]) == {Verdict.TROUBLE}


def timed(looks: list[tuple[Verdict, int]]) -> list[tuple[Verdict, float]]:
    now, found = 0.0, []
    for verdict, pause in looks:
        now += pause
        found.append((verdict, now))
    return found


@given(LOOKS)
def test_an_alert_that_is_open_stays_so_until_it_was_calm_long_enough(
    looks: list[tuple[Verdict, int]],
) -> None:
    steps = courses(looks)
    for (_, before), (now, after) in pairwise(steps):
        if before and before.opened_at is not None and not before.is_over:
            assert after is not None
            assert after.opened_at == before.opened_at
            if after.is_over:
                assert after.calm_since is not None
                assert now - after.calm_since >= CALM


@given(st.lists(st.sampled_from([Verdict.TROUBLE, Verdict.BETWEEN]), max_size=50))
def test_an_open_alert_never_flaps_at_its_border(verdicts: list[Verdict]) -> None:
    trouble = [Verdict.TROUBLE] * 4
    found = every(5, *trouble, *verdicts)

    opened = {course.opened_at for course in found[2:] if course}

    assert all(course and not course.is_over for course in found[2:])
    assert len(opened) == 1


def test_time_in_which_nobody_looked_does_not_count() -> None:
    looks = [(Verdict.TROUBLE, 0), (Verdict.TROUBLE, 300), (Verdict.TROUBLE, 10)]

    found = [course.opened_at for _, course in courses(looks) if course]

    assert found == [None, None, 310]


def test_what_need_not_last_opens_at_once() -> None:
    course = next_course(None, Verdict.TROUBLE, now=5, lasts=0, calm=CALM)

    assert course == Course(began=5, troubled_at=5, opened_at=5)
