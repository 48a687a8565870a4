"""A batch in a whole house whose puller is killed: no line is lost, none is there twice."""

import json
import os
import signal
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from openai import OpenAI

from tests.fakes.paced import MODEL, speaking
from tests.house import MANAGE, House, environment, opened
from tests.models_app.gateway.batches.asked import CHAT, jsonl, line
from tests.processes import until

pytestmark = pytest.mark.up

PULLER = "-Q long"
LINES = 300
ADA = {"PADDOCK_ADMIN": "ada", "PADDOCK_ADMIN_PASSWORD": "correct horse battery"}


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with opened(tmp_path_factory.mktemp("house"), **ADA) as house:
        yield house


@pytest.fixture
def client(house: House) -> Iterator[OpenAI]:
    with speaking() as url:
        manage(house.data, "add_backend", "slow-01", url, "--kind", "openai")
        secret = manage(house.data, "create_key", "ada", "nightly").strip()
        with OpenAI(base_url=f"{house.url}/v1", api_key=secret) as client:
            until(lambda: [each.id for each in client.models.list()] == [MODEL])
            yield client


def manage(data: Path, *words: str) -> str:
    done = subprocess.run(
        (*MANAGE, *words),
        env=environment(data),
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    return done.stdout


def row(data: Path) -> tuple[str, int, int]:
    """The status of the batch, how many lines were answered, and its pullers so far."""
    query = "SELECT status, completed, turn FROM models_app_batch"
    with closing(sqlite3.connect(data / "paddock.sqlite3")) as database:
        found: tuple[str, int, int] = database.execute(query).fetchone()
    return found


def test_a_batch_whose_puller_is_killed_goes_on_and_answers_each_line_once(
    house: House, client: OpenAI
) -> None:
    asks = jsonl(line(each, body={"model": MODEL}) for each in range(LINES))
    file = client.files.create(file=("asks.jsonl", asks), purpose="batch")
    batch = client.batches.create(
        input_file_id=file.id, endpoint=CHAT, completion_window="24h"
    ).id

    until(lambda: row(house.data)[1] > LINES // 10)
    os.kill(house.pid_of(PULLER), signal.SIGKILL)
    assert row(house.data)[1] < LINES
    until(lambda: row(house.data) == ("done", LINES, 2), seconds=120)

    output = client.batches.retrieve(batch).output_file_id
    assert output
    answers = [*map(json.loads, client.files.content(output).text.splitlines())]
    said = {
        each["custom_id"]: each["response"]["body"]["choices"][0]["message"]["content"]
        for each in answers
    }
    assert len(answers) == LINES
    assert said == {f"c-{each}": f"ask {each}" for each in range(LINES)}
