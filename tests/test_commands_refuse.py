"""Commands where no Paddock is say so in one sentence, and begin none."""

from pathlib import Path

import pytest

from tests.house import refusal

COMMANDS = (
    "add_backend gpu-01 http://gpu-01:11434",
    "add_node gpu-01",
    "changepassword olive",
    "create_key olive nightly",
    "createsuperuser",
    "pull gpu-01 tiny",
    "remove_node gpu-01",
)
KEY = "s3cret" * 9


@pytest.mark.parametrize("command", COMMANDS)
def test_a_wrong_data_folder_is_named_and_not_made(
    tmp_path: Path, command: str
) -> None:
    data = tmp_path / "nowhere"

    said = refusal(data, *command.split())

    assert said.startswith(f"There is no Paddock in {data}.")
    assert "PADDOCK_DATA" in said
    assert not data.exists()


def test_a_database_without_tables(tmp_path: Path) -> None:
    (tmp_path / "paddock.sqlite3").touch()

    said = refusal(tmp_path, "create_key", "olive", "nightly", PADDOCK_SECRET_KEY=KEY)

    assert said.startswith("The database cannot be used (no such table")
    assert str(tmp_path) in said


def test_a_database_that_is_away(tmp_path: Path) -> None:
    away = {"DATABASE_URL": "postgres://nobody@127.0.0.1:1/none"}

    said = refusal(tmp_path, "remove_node", "a", PADDOCK_SECRET_KEY=KEY, **away)

    assert "The database cannot be used (" in said
    assert "Check DATABASE_URL" in said
