"""What was used comes to what the rows say, in few queries."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from dashboard.people.models import User
from models_app.energy.keeping import midnight
from models_app.energy.queries import Span
from models_app.ledger.periods import Period, span_of
from models_app.ledger.queries import By, Price, together, use_by
from models_app.ledger.sheets import plain, sheet_of
from models_app.ledger.uses import Use, Waits
from models_app.models import Generation
from tests.make import make_generation, make_person

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 28, 12, tzinfo=UTC)
DAY = Span(NOON - timedelta(hours=12), NOON + timedelta(hours=12), "UTC")


def took(**fields: Any) -> Generation:
    told = {"ended_at": NOON, "prompt_tokens": 100, "completion_tokens": 10}
    return make_generation(**{**told, **fields})


def test_use_is_added_up_by_model() -> None:
    took(cached_tokens=40, gpu_seconds=1.5, joules=100.0, queue_ms=0)
    took(gpu_seconds=0.5, queue_ms=1299, first_token_ms=42, status="stopped")
    took(status="failed", prompt_tokens=None, completion_tokens=None, queue_ms=9)
    took(model="large", prompt_tokens=500)

    large, tiny = use_by(By.MODEL, DAY)

    assert (large.name, large.prompt, large.joules) == ("large", 500, None)
    assert (tiny.replies, tiny.failed, tiny.cached) == (2, 1, 40)
    assert (tiny.prompt, tiny.completion) == (200, 20)
    assert (tiny.gpu_seconds, tiny.joules) == (2.0, 100.0)
    assert (tiny.queue.median, tiny.first_token.median) == (9, 42)


def test_only_what_ended_in_that_time_counts(person: User) -> None:
    took(ended_at=DAY.since - timedelta(seconds=1))
    took(ended_at=DAY.until)
    took(ended_at=DAY.since, person=person)
    took()

    assert use_by(By.MODEL, DAY)[0].replies == 2
    assert use_by(By.MODEL, DAY, person=person.pk)[0].replies == 1


def test_whoever_is_in_two_groups_counts_in_both(person: User) -> None:
    one, two = (Group.objects.create(name=name) for name in ("one", "two"))
    person.groups.add(one, two)
    make_person("other").groups.add(two)
    took(person=person, queue_ms=5)
    took(person=User.objects.get(username="other"), prompt_tokens=1, queue_ms=900)
    took(person=None, prompt_tokens=None)

    found = use_by(By.GROUP, DAY)

    counts = [(each.name, each.replies, each.queue.median) for each in found]
    assert counts == [("two", 2, 5), ("one", 1, 5), ("in no group", 1, None)]


def test_people_are_called_by_their_names() -> None:
    ada = make_person("ada", first_name="Ada", last_name="L")
    took(person=ada)
    took(person=None, prompt_tokens=1)

    names = [each.name for each in use_by(By.PERSON, DAY)]

    assert names == ["Ada L", "people who are gone"]


def test_servers_are_called_as_they_were() -> None:
    took(server="gpu-01")
    took(status="left", completion_tokens=None, prompt_tokens=None)

    found = use_by(By.SERVER, DAY)

    assert [(each.name, each.replies) for each in found] == [
        ("gpu-01", 1),
        ("no server yet", 0),
    ]


def test_however_much_there_is_the_queries_are_few(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    for number in range(20):
        person = make_person()
        person.groups.add(Group.objects.create(name=str(number)))
        took(person=person, queue_ms=number)

    with django_assert_num_queries(4):
        assert len(use_by(By.GROUP, DAY)) == 20
    with django_assert_num_queries(2):
        assert use_by(By.MODEL, DAY)[0].queue.median == 9


def test_nothing_comes_to_nothing() -> None:
    assert use_by(By.PERSON, DAY) == []
    assert together([]).prompt is None


@pytest.mark.parametrize(
    ("counts", "median"),
    [({}, None), ({None: 5}, None), ({3: 1, 9: 1}, 3), ({3: 1, None: 9, 7: 2}, 7)],
)
def test_the_median_is_the_one_in_the_middle(
    counts: dict[int | None, int], median: int | None
) -> None:
    assert Waits(counts).median == median


@pytest.mark.parametrize(
    ("period", "since", "until"),
    [
        (Period.TODAY, (2026, 11, 27), None),
        (Period.WEEK, (2026, 11, 21), None),
        (Period.MONTH, (2026, 11, 1), None),
        (Period.LAST_MONTH, (2026, 10, 1), (2026, 11, 1)),
    ],
)
def test_periods_begin_at_the_readers_midnight(
    period: Period, since: tuple[int, int, int], until: tuple[int, int, int] | None
) -> None:
    now = datetime(2026, 11, 28, 2, tzinfo=UTC)
    with timezone.override("America/New_York"):
        found = span_of(period, now)

        zone = timezone.get_current_timezone()
        assert found.since == midnight(date(*since), zone)
        assert found.until == (midnight(date(*until), zone) if until else now)


@pytest.mark.parametrize("begin", ["=", "+", "-", "@", "\t", "\r", "  ="])
def test_a_name_is_no_formula(begin: str) -> None:
    assert plain(f"{begin}1+2") == f"'{begin}1+2"
    assert plain("Ada = L") == "Ada = L"


def test_a_sheet_has_bare_numbers_and_leaves_out_what_is_not_known() -> None:
    use = Use("=cmd|'/c calc'!A1", replies=1, prompt=1234, joules=3.6e6, queue=Waits())

    sheet = sheet_of([use], Price(0.3, "EUR"))

    head, line = sheet.removeprefix("\ufeff").splitlines()
    assert sheet.startswith("\ufeffname,replies,")
    assert line == "'=cmd|'/c calc'!A1,1,0,1234,,,,3600000.0,0.3,EUR,,"
    assert head.count(",") == line.count(",")
