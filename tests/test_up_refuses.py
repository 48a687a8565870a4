"""What stands in the way of `make up` is told in one sentence with a way out."""

import os
import socket
from pathlib import Path

import pytest

from tests.house import refusal, without_engine


def test_a_taken_port(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]

        said = refusal(tmp_path, PADDOCK_PORT=str(port))

    assert f"Port {port} on 127.0.0.1 is taken" in said
    assert "PADDOCK_PORT" in said


def test_an_address_of_another_machine(tmp_path: Path) -> None:
    said = refusal(tmp_path, PADDOCK_HOST="192.0.2.1")

    assert "This machine has no address 192.0.2.1." in said


@pytest.mark.parametrize("place", ["a file", "/proc/paddock", "/sys/paddock"])
def test_a_data_folder_that_cannot_be_written(tmp_path: Path, place: str) -> None:
    (tmp_path / "a file").touch()

    said = refusal(tmp_path / place)

    assert said.startswith("Paddock cannot write to its data folder")
    assert "PADDOCK_DATA" in said


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_data_folder_of_somebody_else(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)

    assert "cannot write to its data folder" in refusal(tmp_path)


@pytest.mark.parametrize("name", ["PADDOCK_PORT", "PADDOCK_PROXIES", "PADDOCK_ENGINE"])
def test_a_setting_of_the_wrong_form(tmp_path: Path, name: str) -> None:
    assert refusal(tmp_path, **{name: "many"}).startswith(f"{name} must be")


def test_a_secret_file_that_is_not_there(tmp_path: Path) -> None:
    said = refusal(tmp_path, DATABASE_URL_FILE=str(tmp_path / "nowhere"))

    assert said.startswith("DATABASE_URL_FILE names a file that cannot be read")


def test_a_database_that_is_away(tmp_path: Path) -> None:
    said = refusal(tmp_path, DATABASE_URL="postgres://nobody@127.0.0.1:1/none")

    assert "The database cannot be used" in said
    assert "Check DATABASE_URL" in said


def test_an_administrator_without_a_password(tmp_path: Path) -> None:
    said = refusal(tmp_path, PADDOCK_ADMIN="grace")

    assert "PADDOCK_ADMIN_PASSWORD is not" in said


def test_an_engine_whose_wheels_are_missing(tmp_path: Path) -> None:
    lacking = without_engine(tmp_path)

    said = refusal(tmp_path / "data", PYTHONPATH=lacking, PADDOCK_ENGINE="on")

    assert "PADDOCK_ENGINE=off" in said
