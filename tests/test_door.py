"""The door to the GPU in a whole house whose web process is killed."""

import os
import re
import signal
import sqlite3
import subprocess
import sys
import uuid
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import httpx
import pytest
import redis

from dashboard.runner.programs import BASE_DIR
from dashboard.runner.valkey import valkey_address
from models_app.serving.slots.keeper import PREFIX
from tests.fakes.paced import MODEL, speaking
from tests.house import House, environment, opened
from tests.processes import until

pytestmark = pytest.mark.up

ADA = {"PADDOCK_ADMIN": "ada", "PADDOCK_ADMIN_PASSWORD": "correct horse battery"}
SET_UP = """
from django.utils import timezone
from models_app.models import Backend, LanguageModel
from models_app.services.backends import models_changed

server = Backend.objects.create(
    name="gpu-01", kind="openai", base_url={url!r}, max_parallel=1
)
LanguageModel.objects.create(backend=server, name={model!r}, seen_at=timezone.now())
models_changed()
"""


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """With one server that writes one reply at a time."""
    data = tmp_path_factory.mktemp("house")
    with speaking() as url, opened(data, **ADA) as house:
        code = SET_UP.format(url=url, model=MODEL)
        command = (sys.executable, "manage.py", "shell", "-v", "0", "-c", code)
        subprocess.run(command, cwd=BASE_DIR, env=environment(data), check=True)
        yield house


@pytest.fixture
def ada(house: House) -> Iterator[httpx.Client]:
    settings = {"base_url": house.url, "follow_redirects": True, "trust_env": False}
    with httpx.Client(**settings) as client:  # type: ignore[arg-type]
        token = re.search(
            r'csrfmiddlewaretoken" value="(\w+)"', client.get("/login/").text
        )
        assert token
        known = {"username": "ada", "password": ADA["PADDOCK_ADMIN_PASSWORD"]}
        client.post("/login/", data={**known, "csrfmiddlewaretoken": token[1]})
        yield client


@pytest.fixture
def slots(house: House) -> Iterator[redis.Redis]:
    with redis.Redis.from_url(valkey_address(house.data)) as link:
        yield link


def ask(client: httpx.Client) -> None:
    """Begin a conversation, from a page without its script."""
    token = client.cookies["paddock_csrf"]
    said = {"text": "Hi", "target": f"model:{MODEL}", "key": str(uuid.uuid4())}
    answer = client.post("/new/", data={**said, "csrfmiddlewaretoken": token})
    assert "/c/" in str(answer.url), answer.text


def generations(data: Path) -> list[tuple[str, int | None]]:
    query = "SELECT status, backend_id FROM models_app_generation ORDER BY asked_at"
    with closing(sqlite3.connect(data / "paddock.sqlite3")) as database:
        return database.execute(query).fetchall()


def open_replies(data: Path) -> int:
    query = "SELECT count(*) FROM chat_message WHERE status = 'open'"
    with closing(sqlite3.connect(data / "paddock.sqlite3")) as database:
        return int(database.execute(query).fetchone()[0])


def test_a_killed_web_leaves_no_slot_taken_and_each_generation_in_the_ledger_once(
    house: House, ada: httpx.Client, slots: redis.Redis
) -> None:
    ask(ada)
    until(lambda: slots.scard(f"{PREFIX}running:1") == 1)
    ask(ada)
    until(lambda: slots.zcard(f"{PREFIX}leases") == 2)

    os.kill(house.pid_of("manage.py web"), signal.SIGKILL)

    lost = [("lost", 1), ("lost", None)]
    until(lambda: generations(house.data)[:2] == lost, seconds=30)
    until(house.is_well)
    # What had not begun is asked for once more, and answered.
    until(lambda: not open_replies(house.data), seconds=60)
    ask(ada)
    until(lambda: not open_replies(house.data), seconds=30)
    until(lambda: slots.zcard(f"{PREFIX}leases") == 0)
    until(lambda: len(generations(house.data)) >= 4)
    asked_anew = generations(house.data)[2:]
    assert set(asked_anew) == {("done", 1)}
    assert 2 <= len(asked_anew) <= 3
