"""A generation is written down once, whoever comes first and whatever is gone."""

import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext

from dashboard.people.models import User
from models_app.ledger.entries import (
    MOST,
    Entry,
    entry_from_facts,
    write_entries,
    write_entry,
)
from models_app.models import Generation
from tests.make import make_backend, make_person, make_preset

NOON = datetime(2026, 11, 28, 12, tzinfo=UTC)
LOST = Generation.Status.LOST


@pytest.fixture(autouse=True)
def database(transactional_db: None) -> None:
    """Commits are real: what names a row that is gone fails only then."""


def entry(**fields: Any) -> Entry:
    told = {
        "ticket": "t",
        "model": "tiny",
        "asked_at": NOON - timedelta(seconds=3),
        "ended_at": NOON,
    }
    return Entry(**{**told, **fields})


def test_all_that_is_known_is_written_down() -> None:
    person, preset, backend = make_person(), make_preset(), make_backend()
    names = {"person": person.pk, "preset": preset.pk, "backend": backend.pk}
    times = {"queue_ms": 1, "load_ms": 2, "first_token_ms": 3, "total_ms": 4}
    tokens = {"prompt_tokens": 5, "completion_tokens": 6, "cached_tokens": 7}

    assert write_entry(entry(**names, **times, **tokens, server="s", error_code="e"))

    row = Generation.objects.get()
    assert (row.person, row.preset, row.backend) == (person, preset, backend)
    assert {name: getattr(row, name) for name in (*times, *tokens)} == times | tokens
    assert (row.status, row.server, row.error_code) == ("done", "s", "e")
    assert row.reckoned_at is None


def test_a_second_write_changes_nothing() -> None:
    write_entry(entry(completion_tokens=6))

    assert not write_entry(entry(completion_tokens=7))
    assert not write_entry(entry(status=LOST))

    row = Generation.objects.get()
    assert (row.status, row.completion_tokens) == ("done", 6)


def test_what_no_database_takes_keeps_nothing_else_from_it(
    caplog: pytest.LogCaptureFixture,
) -> None:
    half = "\ud800"

    write_entries([entry(ticket="a"), entry(ticket="b", model=half), entry(ticket="c")])

    assert set(Generation.objects.values_list("ticket", flat=True)) == {"a", "c"}
    assert "Generation b cannot be written" in caplog.text


def test_what_ends_together_is_written_together() -> None:
    with CaptureQueriesContext(connection) as asked:
        write_entries([entry(ticket=str(each), total_ms=each) for each in range(20)])

    written = [each for each in asked if "INSERT" in each["sql"]]
    assert len(written) == 1
    assert Generation.objects.get(ticket="7").total_ms == 7


def test_a_lot_of_which_one_was_written_is_written_whole() -> None:
    write_entry(entry(ticket="a"))

    write_entries([entry(ticket="a"), entry(ticket="b", person=999)])

    assert Generation.objects.count() == 2


def test_while_the_database_is_away_nothing_is_left_out() -> None:
    def away(*_: object) -> None:
        raise OperationalError

    with connection.execute_wrapper(away), pytest.raises(OperationalError):
        write_entries([entry(ticket="a"), entry(ticket="b")])


def test_lost_gives_way_to_what_the_living_process_says() -> None:
    write_entry(entry(status=LOST))
    Generation.objects.update(reckoned_at=NOON)

    assert write_entry(entry(ended_at=NOON + timedelta(minutes=1), total_ms=63_000))

    row = Generation.objects.get()
    assert (row.status, row.total_ms, row.reckoned_at) == ("done", 63_000, None)


def test_lost_does_not_give_way_to_lost() -> None:
    write_entry(entry(status=LOST, total_ms=1))

    assert not write_entry(entry(status=LOST, total_ms=2))

    assert Generation.objects.get().total_ms == 1


@pytest.mark.parametrize("name", ["person", "preset", "backend"])
def test_who_or_what_was_deleted_meanwhile_is_left_empty(name: str) -> None:
    assert write_entry(entry(**{name: 999}))
    write_entry(entry(ticket="u", status=LOST))

    assert write_entry(entry(ticket="u", **{name: 999}))

    assert {getattr(row, name) for row in Generation.objects.all()} == {None}


def test_numbers_that_no_column_holds_are_not_known() -> None:
    write_entry(entry(prompt_tokens=MOST + 1, queue_ms=-3, model="a\0b" * 200))

    row = Generation.objects.get()
    assert (row.prompt_tokens, row.queue_ms, len(row.model)) == (None, None, 300)


def test_of_many_writers_at_once_one_writes() -> None:
    wrote: list[bool] = []

    def write(status: str) -> None:
        wrote.append(write_entry(entry(status=status)))
        connection.close()

    threads = [threading.Thread(target=write, args=["done"]) for _ in range(6)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()

    assert sorted(wrote) == [False] * 5 + [True]
    assert Generation.objects.count() == 1


def test_a_lease_tells_what_its_process_did_not_write() -> None:
    facts: dict[str, str | int | float | None] = {
        "person": 7,
        "origin": "api",
        "preset": None,
        "model": "tiny",
        "backend": 3,
        "server": "gpu",
        "asked_at": NOON.timestamp(),
        "began_at": NOON.timestamp() + 1.5,
        "queue_ms": 1500,
        "conversation": 12,
    }

    found = entry_from_facts("t", facts, seen_at=NOON + timedelta(seconds=9))

    whole = entry(asked_at=NOON, ended_at=NOON + timedelta(seconds=9), status=LOST)
    names: dict[str, Any] = {
        "person": 7,
        "backend": 3,
        "server": "gpu",
        "origin": "api",
    }
    began = NOON + timedelta(seconds=1.5)
    assert found == replace(
        whole, **names, began_at=began, queue_ms=1500, total_ms=9000
    )


def test_facts_that_make_no_sense_are_not_known() -> None:
    facts: dict[str, str | int | float | None] = {
        "person": "x",
        "origin": "?",
        "asked_at": float("inf"),
        "queue_ms": float("nan"),
    }

    found = entry_from_facts("t", facts, seen_at=NOON)

    assert (found.person, found.queue_ms, found.asked_at) == (None, None, NOON)
    assert write_entry(found)


def test_whoever_is_deleted_leaves_rows_without_a_name(person: User) -> None:
    write_entry(entry(person=person.pk, completion_tokens=6))

    person.delete()

    row = Generation.objects.get()
    assert (row.person, row.completion_tokens) == (None, 6)
