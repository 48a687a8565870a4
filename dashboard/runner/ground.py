"""What `manage.py up` makes sure of before Django reads its settings.

A data folder that can be written, held by this runner alone; settings that can be read;
and, unless `REDIS_URL` names one, the address of the Valkey that will be started.
"""

import fcntl
import os
import sys
from pathlib import Path
from urllib.parse import urlsplit

from dashboard.env import env_bool, env_int, env_secret, env_str
from dashboard.runner.cannot_start import CannotStart
from dashboard.runner.valkey import lay_out_valkey

BASE_DIR = Path(__file__).resolve().parent.parent.parent
SECRETS = (
    "PADDOCK_SECRET_KEY",
    "PADDOCK_ADMIN_PASSWORD",
    "DATABASE_URL",
    "REDIS_URL",
)


def prepare_ground() -> None:
    """Make the ground ready, or end with one sentence that says why it cannot be."""
    try:
        check_settings()
        data = data_folder()
        os.environ["PADDOCK_DATA"] = str(data)
        make_writable(data)
        hold(data)
        if not env_secret("REDIS_URL"):
            os.environ["REDIS_URL"] = lay_out_valkey(data)
            os.environ["PADDOCK_VALKEY"] = "on"
    except CannotStart as failure:
        sys.exit(str(failure))


def prepare_node() -> None:
    """The same for a GPU host's worker, which needs no Valkey and shares its folder."""
    try:
        check_settings()
        make_writable(data_folder())
    except CannotStart as failure:
        sys.exit(str(failure))


def data_folder() -> Path:
    """As the settings find it."""
    return Path(env_str("PADDOCK_DATA", str(BASE_DIR / "var"))).absolute()


def check_settings() -> None:
    """Read each setting that has a form, so that a wrong one is told in a sentence."""
    os.environ.pop("PADDOCK_VALKEY", None)
    try:
        env_int("PADDOCK_PORT", 0)
        env_int("PADDOCK_PROXIES", 0)
        env_bool("PADDOCK_ENGINE", default=True)
        check_url(env_str("PADDOCK_URL", "http://localhost"))
        for name in SECRETS:
            env_secret(name)
    except ValueError as failure:
        raise CannotStart(f"{failure} Correct it and start again.") from failure
    except OSError as failure:
        raise CannotStart(
            f"{name}_FILE names a file that cannot be read ({failure.strerror}). "
            "Correct it and start again."
        ) from failure


def check_url(address: str) -> None:
    url = urlsplit(address)
    if url.scheme not in ("http", "https") or not url.hostname:
        raise ValueError(
            "PADDOCK_URL must be what people type, such as "
            f"http://paddock.lan:8420, not {address!r}."
        )


def make_writable(data: Path) -> None:
    """Make the folders that the processes write to, for this account's eyes only."""
    try:
        for folder in (data, data / "log", data / "valkey"):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            probe = folder / f".probe.{os.getpid()}"
            probe.write_text("Paddock can write here.\n")
            probe.unlink()
    except OSError as failure:
        raise CannotStart(
            f"Paddock cannot write to its data folder {data} ({failure.strerror}). "
            "Give this account the right to, or set PADDOCK_DATA to another folder."
        ) from failure


def hold(data: Path) -> None:
    """Keep every other runner off this data folder for as long as this process lives."""
    held = os.open(data / "runner.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as failure:
        other = os.read(held, 32).decode().strip()
        raise CannotStart(
            f"Paddock already runs on the data folder {data} (process {other}). "
            "End that one first, or set PADDOCK_DATA to another folder."
        ) from failure
    os.ftruncate(held, 0)
    os.write(held, f"{os.getpid()}\n".encode())
    # The supervisor that this process becomes goes on holding it.
    os.set_inheritable(held, True)  # noqa: FBT003
