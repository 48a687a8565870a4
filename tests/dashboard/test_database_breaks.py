"""The database is locked, or drops a request: a sentence, no traceback, and then all is well."""

import gc
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import Any

import psycopg
import pytest
from django.contrib.sessions.models import Session
from django.db import close_old_connections, connection, connections
from django.http import HttpResponseBase
from django.test import Client

from dashboard.live.db import _thread
from dashboard.people.models import User
from tests.make import PASSWORD, make_admin, make_person

pytestmark = pytest.mark.django_db(transaction=True)
only_sqlite = pytest.mark.skipif(
    "connection.vendor != 'sqlite'", reason="SQLite locks as a whole"
)
only_postgresql = pytest.mark.skipif(
    "connection.vendor != 'postgresql'", reason="PostgreSQL has connections to drop"
)

Ask = Callable[[Client], HttpResponseBase]


def log_in(browser: Client) -> HttpResponseBase:
    return browser.post("/login/", {"username": "olive", "password": PASSWORD})


def log_out(browser: Client) -> HttpResponseBase:
    return browser.post("/logout/")


def open_a_page(browser: Client) -> HttpResponseBase:
    return browser.get("/account/")


def disable_olive(browser: Client) -> HttpResponseBase:
    olive = User.objects.values_list("pk").get(username="olive")
    wanted = {"action": "disable", "_selected_action": olive}
    return browser.post("/admin/people/user/", wanted)


def is_told(page: HttpResponseBase) -> bool:
    """Whether the page says the sentence, and nothing for those who write programs."""
    text = getattr(page, "content", b"").decode()
    quiet = "Traceback" not in text and "OperationalError" not in text
    said = "The database of the house does not answer now" in text
    return page.status_code == 503 and said and quiet


def browser_of(person: User | None) -> Client:
    browser = Client(raise_request_exception=False)
    if person:
        browser.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return browser


@pytest.fixture
def impatient(transactional_db: None) -> Iterator[None]:
    """Connections that wait for a lock no longer than an eye blinks."""
    options: dict[str, Any] = connection.settings_dict["OPTIONS"]
    before = dict(options)
    connection.close()
    options.update(timeout=0.05)
    yield
    connection.close()
    options.update(before)


@contextmanager
def locked(*, even_to_readers: bool = False) -> Iterator[None]:
    """Somebody else has the whole file for themselves."""
    connection.close()
    # So does the thread of `in_db`, where an earlier test has left one open.
    _thread.submit(connections.close_all).result()
    name = connection.settings_dict["NAME"]
    with closing(sqlite3.connect(name, isolation_level=None, timeout=10)) as other:
        if even_to_readers:
            # A connection that broke while it was opened was never closed by Django.
            gc.collect()
            other.execute("PRAGMA locking_mode = EXCLUSIVE")
        other.execute("BEGIN EXCLUSIVE")
        yield
        other.execute("ROLLBACK")
    connection.close()


def asked_while_locked(ask: Ask, browser: Client, **how: bool) -> None:
    with locked(**how):
        assert is_told(ask(browser))


@only_sqlite
def test_who_cannot_log_in_during_a_lock_can_after_it(impatient: None) -> None:
    make_person("olive")
    browser = browser_of(None)

    asked_while_locked(log_in, browser)

    assert Session.objects.count() == 0
    assert log_in(browser).status_code == 302
    assert open_a_page(browser).status_code == 200


@only_sqlite
def test_who_cannot_log_out_during_a_lock_can_after_it(impatient: None) -> None:
    browser = browser_of(make_person("olive"))

    asked_while_locked(log_out, browser)

    assert open_a_page(browser).status_code == 200
    assert log_out(browser).status_code == 302
    assert Session.objects.count() == 0
    assert open_a_page(browser).status_code == 302


@only_sqlite
def test_a_page_can_be_read_while_somebody_writes(impatient: None) -> None:
    browser = browser_of(make_person("olive"))

    with locked():
        assert open_a_page(browser).status_code == 200


@only_sqlite
def test_a_page_that_cannot_be_read_during_a_lock_can_after_it(impatient: None) -> None:
    browser = browser_of(make_person("olive"))

    asked_while_locked(open_a_page, browser, even_to_readers=True)

    assert open_a_page(browser).status_code == 200


@only_sqlite
def test_what_an_admin_does_during_a_lock_is_not_done_by_half(impatient: None) -> None:
    olive, browser = make_person("olive"), browser_of(make_admin("ada"))

    asked_while_locked(disable_olive, browser)

    olive.refresh_from_db()
    assert olive.is_active
    assert disable_olive(browser).status_code == 302
    olive.refresh_from_db()
    assert not olive.is_active


def drop() -> None:
    """End this thread's connection, as a database that starts anew does."""
    pid = connection.connection.info.backend_pid
    place = connection.get_connection_params()
    place = {
        name: place[name]
        for name in ("dbname", "user", "host", "port")
        if name in place
    }
    with psycopg.connect(**place, autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])


@contextmanager
def dropped_at(verb: str) -> Iterator[None]:
    """The connection ends just before the first statement of this kind."""
    left = [verb]

    def dropping(execute: Any, sql: str, *rest: Any) -> Any:
        if left and sql.startswith(left[0]):
            left.clear()
            drop()
        return execute(sql, *rest)

    with connection.execute_wrapper(dropping):
        yield
    assert not left


@only_postgresql
def test_a_connection_that_ends_between_two_requests_is_not_noticed() -> None:
    browser = browser_of(make_person("olive"))
    assert open_a_page(browser).status_code == 200
    drop()

    # What Django does when a request begins; its test client leaves it out.
    close_old_connections()

    assert open_a_page(browser).status_code == 200


@only_postgresql
@pytest.mark.parametrize(
    ("ask", "verb"),
    [(open_a_page, "SELECT"), (log_out, "DELETE"), (disable_olive, "UPDATE")],
)
def test_a_connection_that_ends_during_a_request_costs_that_one_only(
    ask: Ask, verb: str
) -> None:
    make_person("olive")
    browser = browser_of(make_admin("ada"))

    with dropped_at(verb):
        assert is_told(ask(browser))

    close_old_connections()
    assert open_a_page(browser).status_code == 200
    assert ask(browser).status_code in (200, 302)


@only_postgresql
def test_who_is_dropped_while_logging_in_logs_in_again() -> None:
    make_person("olive")
    browser = browser_of(None)

    with dropped_at("INSERT"):
        assert is_told(log_in(browser))

    close_old_connections()
    assert log_in(browser).status_code == 302
    assert open_a_page(browser).status_code == 200
