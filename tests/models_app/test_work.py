"""What is done by one worker at a time: taken, written and handed on, whatever it is."""

from collections.abc import Callable

import pytest
from django.utils import timezone

from dashboard.errors import BackendSilent
from models_app.models import Errand, Pull
from models_app.models.work import SILENT, WorkQuerySet, ending
from tests.make import make_errand, make_model, make_pull

pytestmark = pytest.mark.django_db
Row = Pull | Errand
Make = Callable[[], Row]

each_kind = pytest.mark.parametrize(
    "make", [make_pull, lambda: make_errand(make_model())], ids=["pull", "errand"]
)


def rows(row: Row) -> WorkQuerySet[Row]:
    return type(row).objects.all()  # type: ignore[return-value] # of either kind


@each_kind
def test_of_two_who_saw_it_waiting_one_takes_it(make: Make) -> None:
    row = make()
    seen, now = rows(row).get(), timezone.now()

    assert rows(row).claim(row, now=now)
    assert not rows(row).claim(seen, now=now)
    assert (row.turn, row.status, row.started_at) == (1, "running", now)


@each_kind
def test_who_was_given_up_writes_nothing_any_more(make: Make) -> None:
    row = make()
    rows(row).claim(row, now=timezone.now())
    rows(row).claim(rows(row).get(), now=timezone.now())

    ours = rows(row).of_turn(row.pk, row.turn)

    assert not ours.write(row, error_code="late")
    assert (row.error_code, rows(row).get().error_code) == ("", "")


@each_kind
def test_a_worker_that_was_heard_a_moment_ago_is_not_given_up(make: Make) -> None:
    row, now = make(), timezone.now()
    rows(row).claim(row, now=now)

    assert not rows(row).abandoned(now=now + SILENT * 0.9)
    assert rows(row).abandoned(now=now + SILENT * 1.1).get() == row


@each_kind
def test_another_turn_began_when_the_first_one_did(make: Make) -> None:
    row, now = make(), timezone.now()
    rows(row).claim(row, now=now)

    rows(row).claim(row, now=now + SILENT)

    assert (row.turn, row.started_at, row.beat_at) == (2, now, now + SILENT)


@each_kind
def test_what_has_ended_is_open_no_more_and_says_what_went_wrong(make: Make) -> None:
    row = make()
    failure = BackendSilent(server="oak", seconds=3)

    rows(row).open().write(row, **ending("failed", failure))

    assert not row.is_open
    assert rows(row).ended().get() == row
    assert (row.error_code, row.error_facts) == (failure.code, failure.facts)
