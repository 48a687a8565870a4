"""The Valkey that `make up` brings along: its folder, its password and its address."""

import os
import secrets
from pathlib import Path
from urllib.parse import urlsplit

from dashboard.runner.ports import free_port, is_free

CONFIG = """\
bind 127.0.0.1
port {port}
requirepass {password}
dir "{folder}"
appendonly yes
save ""
databases 1
io-threads 1
maxmemory 256mb
maxmemory-policy noeviction
logfile ""
set-proc-title no
"""


def valkey_config(data: Path) -> Path:
    return data / "valkey" / "valkey.conf"


def lay_out_valkey(data: Path) -> str:
    """Write the configuration for a new start, and return the address to find it at."""
    port, password = _port(data), secrets.token_urlsafe(32)
    folder = str(data / "valkey").replace("\\", "\\\\").replace('"', '\\"')
    write_private(
        valkey_config(data),
        CONFIG.format(port=port, password=password, folder=folder),
    )
    return _address(port, password)


def _port(data: Path) -> int:
    """The one of the last start while it is free: GPU hosts have tunnels to it."""
    last = urlsplit(valkey_address(data)).port
    return last if last and is_free(last) else free_port()


def valkey_address(data: Path) -> str:
    """Where the Valkey of a running house is, for commands beside it; "" for none."""
    try:
        text = valkey_config(data).read_text()
        told = dict(line.split(" ", 1) for line in text.splitlines())
        return _address(int(told["port"]), told["requirepass"])
    except (OSError, ValueError, LookupError):
        return ""


def _address(port: int, password: str) -> str:
    return f"redis://:{password}@127.0.0.1:{port}/0"


def write_private(path: Path, text: str) -> None:
    """Replace the file by one that only this account can read."""
    path.unlink(missing_ok=True)
    with os.fdopen(
        os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w"
    ) as file:
        file.write(text)
