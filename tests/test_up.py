"""`make up` for real: it starts, keeps what it started, and leaves nothing behind."""

import os
import re
import signal
import sqlite3
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from tests.house import House, opened, opened_by, refusal, without_engine
from tests.processes import until

pytestmark = pytest.mark.up

LINK = re.compile(r"http://localhost:\d+(/invite/\S+)")
PASSWORD = "a-long-and-rare-password"


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A house for the tests that leave it standing, on a machine without the engine."""
    lacking = without_engine(tmp_path_factory.mktemp("lacking"))
    with opened(tmp_path_factory.mktemp("house"), PYTHONPATH=lacking) as house:
        yield house


def first_link(house: House) -> str:
    found = LINK.search(house.said())
    assert found, house.said()
    return found.group(1)


def test_the_first_start_says_where_and_how_to_make_the_first_administrator(
    house: House,
) -> None:
    assert house.is_well()
    assert house.said().count("http://") == 1
    assert first_link(house)


def test_the_first_administrators_link_works_once(house: House) -> None:
    with httpx.Client(base_url=house.url, trust_env=False) as browser:
        form = browser.get(first_link(house))
        token = browser.cookies["paddock_csrf"]
        newcomer = {"username": "ada", "password1": PASSWORD, "password2": PASSWORD}
        made = browser.post(
            first_link(house), data={**newcomer, "csrfmiddlewaretoken": token}
        )

    assert form.status_code == 200
    assert made.status_code == 302
    assert httpx.get(house.url + first_link(house), trust_env=False).status_code == 410


@pytest.mark.parametrize(
    "sign", ["manage.py web", "-Q short", "-Q long", "valkey-server"]
)
def test_a_killed_process_is_started_again(house: House, sign: str) -> None:
    before = house.pid_of(sign)

    os.kill(before, signal.SIGKILL)

    assert house.pid_of(sign, unlike=before)
    until(house.is_well)


def test_the_clock_runs_inside_the_worker(house: House) -> None:
    until(lambda: list(house.data.glob("beat*")))

    assert len([each for each in house.processes().values() if "-Q short" in each]) == 1


def test_two_runners_do_not_share_a_data_folder(house: House) -> None:
    assert "already runs on the data folder" in refusal(house.data)
    assert house.is_well()


def test_a_password_is_on_no_command_line(house: House) -> None:
    config = (house.data / "valkey" / "valkey.conf").read_text()
    password = re.search(r"^requirepass (.+)$", config, re.MULTILINE)

    assert password
    assert not any(password.group(1) in each for each in house.processes().values())


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_an_ended_runner_leaves_no_process_and_the_next_start_is_quick(
    tmp_path_factory: pytest.TempPathFactory, number: signal.Signals
) -> None:
    data = tmp_path_factory.getbasetemp() / "ended"
    began = time.monotonic()
    with opened(data) as house:
        print(f"up after {time.monotonic() - began:.1f} s")

        house.runner.send_signal(number)

        until(house.ended)
        until(lambda: not house.processes())


def test_a_killed_make_leaves_no_process(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    data = tmp_path_factory.getbasetemp() / "ended"
    make = ("make", "-o", "install", "up", f"VENV={Path(sys.executable).parent}")
    with opened_by(make, data) as house:
        house.runner.kill()

        until(lambda: not house.processes())


def test_the_environment_may_name_the_administrator_and_a_redis(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    data = tmp_path_factory.getbasetemp() / "named"
    named = {"PADDOCK_ADMIN": "grace", "PADDOCK_ADMIN_PASSWORD": PASSWORD}
    named["REDIS_URL"] = os.environ["REDIS_URL"]
    with opened(data, **named) as house:
        people = rows(house, "SELECT username, is_superuser FROM people_user")
        running = house.processes()
        environments = [Path(f"/proc/{pid}/environ").read_bytes() for pid in running]

    assert people == [("grace", 1)]
    assert not any("valkey-server" in each for each in running.values())
    assert not LINK.search(house.said())
    assert not any(PASSWORD.encode() in each for each in environments)


def test_the_starter_engine_answers_and_ends_with_the_runner(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    pytest.importorskip("xllamacpp")
    with opened(tmp_path_factory.getbasetemp() / "named", PADDOCK_ENGINE="on") as house:
        ((address,),) = rows(house, "SELECT base_url FROM models_app_backend")
        until(lambda: house.answers(f"{address}/health"))
        models = httpx.get(f"{address}/v1/models", trust_env=False).json()

        house.runner.kill()

        assert [model["id"] for model in models["data"]] == ["smollm2-135m-instruct"]
        until(lambda: not house.processes())


def rows(house: House, query: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(house.data / "paddock.sqlite3")) as database:
        return database.execute(query).fetchall()
