"""The database is locked, or drops a connection: the work is done again, or it is told."""

import gc
import sqlite3
from collections.abc import Iterator
from contextlib import closing

import pytest
from django.db import OperationalError, connection, connections, transaction

from dashboard.errors import DatabaseAway
from dashboard.live.db import in_db
from dashboard.people.models import User
from tests.fakes.conversing import joined
from tests.make import make_conversation, make_person, make_reply

pytestmark = pytest.mark.django_db(transaction=True)
only_sqlite = pytest.mark.skipif(
    "connection.vendor != 'sqlite'", reason="SQLite locks as a whole"
)
only_postgresql = pytest.mark.skipif(
    "connection.vendor != 'postgresql'", reason="PostgreSQL has connections to drop"
)


@pytest.fixture
def lock() -> Iterator[sqlite3.Connection]:
    """Another process that writes, and does not come to an end."""
    name = connection.settings_dict["NAME"]
    other = sqlite3.connect(name, isolation_level=None, check_same_thread=False)
    with closing(other):
        yield other


def be_impatient() -> None:
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA busy_timeout = 50")


def count_people() -> int:
    return User.objects.count()


def backend_pid() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return int(cursor.fetchone()[0])


@only_sqlite
async def test_a_command_during_a_lock_is_told_and_can_be_sent_again(
    lock: sqlite3.Connection,
) -> None:
    owner = await in_db(make_person)()
    conversation = await in_db(make_conversation)(owner)
    reply = await in_db(make_reply)(conversation)
    await in_db(be_impatient)()
    page = await joined(conversation, owner)
    stop = {"kind": "message.stop", "message": reply.pk, "key": "k"}
    stop["conversation"] = conversation.pk
    lock.execute("BEGIN EXCLUSIVE")

    await page.send_json_to(stop)

    refusal = await page.receive_json_from(timeout=10)
    assert (refusal["code"], refusal["key"]) == ("database_away", "k")
    lock.execute("ROLLBACK")
    await page.send_json_to(stop)
    await page.send_to(text_data="{}")
    assert (await page.receive_json_from(timeout=10))["code"] == "bad_command"
    await in_db(reply.refresh_from_db)()
    assert reply.stop_requested
    await page.disconnect()
    await in_db(connections.close_all)()


@only_sqlite
async def test_work_is_done_once_when_the_lock_ends_in_time(
    lock: sqlite3.Connection,
) -> None:
    await in_db(be_impatient)()
    lock.execute("BEGIN EXCLUSIVE")
    tries: list[int] = []

    def work() -> None:
        tries.append(1)
        if len(tries) == 2:
            lock.execute("ROLLBACK")
        make_person("late")

    await in_db(work)()

    assert len(tries) == 2
    assert await in_db(count_people)() == 1
    await in_db(connections.close_all)()


@only_postgresql
async def test_a_dropped_connection_costs_nothing() -> None:
    pid = await in_db(backend_pid)()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])

    assert await in_db(count_people)() == 0

    assert await in_db(backend_pid)() != pid


# Django lets go of a broken connection without closing it.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@only_postgresql
async def test_a_connection_that_is_dropped_during_the_work_costs_nothing() -> None:
    dropped: list[int] = []

    def work() -> None:
        with transaction.atomic():
            make_person("once")
            if not dropped:
                dropped.append(backend_pid())
                with connection.cursor() as cursor:
                    cursor.execute("SELECT pg_terminate_backend(%s)", dropped)

    await in_db(work)()

    assert await in_db(count_people)() == 1
    gc.collect()


async def test_work_that_fails_twice_says_so_with_its_cause() -> None:
    failure = OperationalError("gone")

    def work() -> None:
        raise failure

    with pytest.raises(DatabaseAway, match="What you typed is kept") as told:
        await in_db(work)()
    assert told.value.__cause__ is failure


def refused(tries: list[int]) -> None:
    tries.append(1)
    raise OperationalError


async def test_work_inside_somebody_elses_transaction_is_never_repeated() -> None:
    tries: list[int] = []
    around = transaction.atomic()
    await in_db(around.__enter__)()

    with pytest.raises(OperationalError):
        await in_db(refused)(tries)

    await in_db(around.__exit__)(None, None, None)
    assert tries == [1]
