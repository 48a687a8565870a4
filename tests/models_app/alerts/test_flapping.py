"""A number that moves about its threshold: it is said once, and over once."""

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models_app.alerts.card_rules import COOLER, EMPTIER
from models_app.alerts.course import Course, next_course
from models_app.alerts.findings import Finding
from models_app.alerts.rules import find
from models_app.alerts.watch import CALM
from models_app.gpu.metrics import Metric
from models_app.models import DEFAULTS, AlertKind
from tests.models_app.alerts.seen import GIB, WELL, card, host, readings

EVERY = 5
"""Seconds between two looks."""
PERCENT = 24.0 * GIB / 100


@dataclass(frozen=True)
class Border:
    """Where a kind of alert begins, how far below that it ends, and its number in `unit`."""

    kind: AlertKind
    metric: Metric
    threshold: float
    slack: float
    unit: float = 1

    def finding(self, number: float) -> Finding:
        seen = readings(host(card({self.metric: number * self.unit})))
        return next(each for each in find(seen, DEFAULTS) if each.kind == self.kind)

    def courses(self, numbers: list[float]) -> list[Course | None]:
        """Where the alert is after each look; one that is over makes room for the next."""
        course: Course | None = None
        found = list[Course | None]()
        for step, number in enumerate(numbers):
            now, seen = float(EVERY * step), self.finding(number)
            before = None if course and course.is_over else course
            course = next_course(
                before, seen.verdict, now=now, lasts=seen.lasts, calm=CALM
            )
            found.append(course)
        return found


LIMIT = WELL[Metric.TEMPERATURE_LIMIT]
BORDERS = [
    Border(AlertKind.HOT, Metric.TEMPERATURE, LIMIT - 5, COOLER),
    Border(AlertKind.MEMORY_FULL, Metric.MEMORY_USED, 95, EMPTIER, unit=PERCENT),
]
AROUND = st.lists(st.floats(-0.99, 1), max_size=40)
"""In slacks from the threshold: above it, and below it without being well again."""
FAR = st.lists(
    st.tuples(st.floats(-2, 1), st.integers(1, 30)).map(lambda run: [run[0]] * run[1]),
    max_size=8,
)
"""The same with what is well again; each number stays for a while."""


@pytest.mark.parametrize("border", BORDERS, ids=lambda each: each.kind)
@given(around=AROUND)
def test_a_number_that_flaps_at_its_threshold_is_said_once(
    border: Border, around: list[float]
) -> None:
    lasts = DEFAULTS[border.kind].seconds // EVERY
    numbers = [1.0] * (lasts + 1) + around

    found = border.courses([border.threshold + border.slack * each for each in numbers])

    opened = [course and (course.opened_at, course.is_over) for course in found[lasts:]]
    assert opened == [(lasts * EVERY, False)] * (len(around) + 1)


@pytest.mark.parametrize("border", BORDERS, ids=lambda each: each.kind)
@given(runs=FAR)
def test_it_is_said_and_over_only_after_a_number_that_stayed(
    border: Border, runs: list[list[float]]
) -> None:
    numbers = [border.threshold + border.slack * each for run in runs for each in run]
    lasts = DEFAULTS[border.kind].seconds // EVERY

    for step, course in enumerate(border.courses(numbers)):
        if course and course.opened_at == step * EVERY:
            assert min(numbers[step - lasts : step + 1]) >= border.threshold
        if course and course.is_over:
            calm = numbers[step - int(CALM) // EVERY : step + 1]
            assert max(calm) < border.threshold - border.slack
