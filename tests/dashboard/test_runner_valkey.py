"""The bundled Valkey: its configuration is private, and reads back whatever the path."""

import socket
import subprocess
from pathlib import Path
from urllib.parse import urlsplit

import redis

from dashboard.runner import programs
from dashboard.runner.valkey import lay_out_valkey, valkey_address, valkey_config
from tests.processes import until


def laid_out(folder: Path) -> str:
    (folder / "valkey").mkdir(parents=True)
    return lay_out_valkey(folder)


def answers(url: str) -> bool:
    try:
        with redis.Redis.from_url(url) as link:
            return bool(link.ping())
    except redis.ConnectionError:
        return False


def test_only_its_owner_can_read_the_password(tmp_path: Path) -> None:
    laid_out(tmp_path)

    assert valkey_config(tmp_path).stat().st_mode & 0o077 == 0


def test_each_start_has_a_password_of_its_own(tmp_path: Path) -> None:
    assert laid_out(tmp_path) != lay_out_valkey(tmp_path)


def test_the_next_start_has_the_port_of_the_last_while_it_is_free(
    tmp_path: Path,
) -> None:
    port = urlsplit(laid_out(tmp_path)).port
    assert port is not None

    with socket.socket() as other:
        again = urlsplit(lay_out_valkey(tmp_path)).port
        other.bind(("127.0.0.1", port))
        other.listen()
        taken = urlsplit(lay_out_valkey(tmp_path)).port

    assert again == port
    assert taken != port


def test_a_command_beside_the_house_finds_it(tmp_path: Path) -> None:
    assert valkey_address(tmp_path) == ""

    url = laid_out(tmp_path)

    assert valkey_address(tmp_path) == url


def test_it_keeps_its_files_in_the_data_folder(tmp_path: Path) -> None:
    folder = tmp_path / 'a "strange" 50% name'
    url = laid_out(folder)

    with subprocess.Popen(programs.valkey(folder).command) as process:
        until(lambda: answers(url))
        process.terminate()

    assert (folder / "valkey" / "appendonlydir").is_dir()
