"""Pulls in a whole house: what its processes and people do to one, bytes are not lost."""

import os
import signal
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from tests.fakes.ollama import ollama
from tests.fakes.ollama_state import FakeOllama
from tests.house import MANAGE, House, environment, opened
from tests.processes import until

pytestmark = pytest.mark.up

SIZE, RATE = 3_000_000, 1_500_000
PULLER = "-Q long"


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with opened(tmp_path_factory.mktemp("house")) as house:
        yield house


@pytest.fixture
def fake(house: House, request: pytest.FixtureRequest) -> Iterator[FakeOllama]:
    """A server of the house that offers a model of this test's own."""
    with ollama() as fake:
        fake.rate = RATE
        fake.offer(model_of(request), SIZE)
        command = (*MANAGE, "add_backend", "gpu-01", fake.url, "--kind", "ollama")
        subprocess.run(command, env=environment(house.data), check=True)
        yield fake


@pytest.fixture
def model(request: pytest.FixtureRequest) -> str:
    return model_of(request)


def model_of(request: pytest.FixtureRequest) -> str:
    return str(request.node.name).replace("_", "-")[:40]


@contextmanager
def pulling(house: House, model: str) -> Iterator[subprocess.Popen[str]]:
    """`manage.py pull`, ended with the block if it has not ended by itself."""
    with subprocess.Popen(
        (*MANAGE, "pull", "gpu-01", model),
        env=environment(house.data),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as command:
        try:
            yield command
        finally:
            command.kill()


def row(data: Path, model: str) -> tuple[str, int, int, int]:
    """The status of the newest pull of a model, its bytes, and its pullers so far."""
    query = (
        "SELECT status, done, total, turn FROM models_app_pull WHERE name = ? "
        "ORDER BY id DESC"
    )
    with closing(sqlite3.connect(data / "paddock.sqlite3")) as database:
        found: tuple[str, int, int, int] = database.execute(query, [model]).fetchone()
    return found


def is_offered(data: Path, model: str) -> bool:
    query = "SELECT 1 FROM models_app_languagemodel WHERE listed AND name LIKE ?"
    with closing(sqlite3.connect(data / "paddock.sqlite3")) as database:
        return bool(database.execute(query, [f"{model}%"]).fetchone())


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_a_pull_whose_puller_ends_goes_on_with_the_next_and_begins_nothing_anew(
    house: House, fake: FakeOllama, model: str, number: signal.Signals
) -> None:
    with pulling(house, model) as command:
        fake.until_transferred(SIZE // 3, seconds=20)
        os.kill(house.pid_of(PULLER), number)
        fake.until_open(0)
        at_the_end = fake.transferred

        said, _ = command.communicate(timeout=150)

    assert at_the_end < SIZE
    assert fake.transferred == SIZE
    assert row(house.data, model) == ("done", SIZE, SIZE, 2)
    assert said.endswith(f"{model} is on gpu-01.\n")
    assert command.returncode == 0


def test_a_killed_command_loses_nothing_and_the_model_is_offered_at_once(
    house: House, fake: FakeOllama, model: str
) -> None:
    with pulling(house, model) as command:
        fake.until_transferred(1, seconds=20)
        command.kill()

    until(lambda: row(house.data, model)[0] == "done")
    until(lambda: is_offered(house.data, model), seconds=5)
    assert fake.transferred == SIZE


def test_ctrl_c_stops_the_traffic_within_two_seconds(
    house: House, fake: FakeOllama, model: str
) -> None:
    with pulling(house, model) as command:
        fake.until_transferred(SIZE // 3, seconds=20)
        command.send_signal(signal.SIGINT)
        fake.until_open(0, seconds=2)
        said, _ = command.communicate(timeout=20)

    assert fake.transferred < SIZE
    assert row(house.data, model)[0] == "cancelled"
    assert said.endswith(f"{model} is cancelled.\n")
    assert command.returncode == 130
