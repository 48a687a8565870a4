"""Commands on a Paddock that is there: where none is, they say so and begin no other one."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from django.db import OperationalError, ProgrammingError

from dashboard.env import env_secret
from dashboard.runner.cannot_start import CannotStart
from dashboard.runner.ground import check_settings, data_folder

ON_A_HOUSE = (
    "add_backend",
    "add_node",
    "changepassword",
    "create_key",
    "createsuperuser",
    "pull",
    "remove_node",
)
LASTING = {"PADDOCK_SECRET_KEY": "secret_key", "DATABASE_URL": "paddock.sqlite3"}
"""What is not set in the environment, and the file of the data folder that has it then."""
HELP = {"--help", "-h"}


@contextmanager
def house_for(words: Sequence[str]) -> Iterator[None]:
    """Run the command of these words, or end with one sentence where it has no house."""
    if not words or words[0] not in ON_A_HOUSE or HELP.intersection(words):
        yield
        return
    try:
        check_settings()
        data = data_folder()
        check_house(data)
        yield
    except CannotStart as failure:
        sys.exit(str(failure))
    except (OperationalError, ProgrammingError) as failure:
        if "--traceback" in words:
            raise
        said = str(failure).strip()
        if "locked" in said:
            sys.exit(f"The database is busy ({said}). Try again in a moment.")
        sys.exit(
            f"The database cannot be used ({said}). Check DATABASE_URL and "
            f"PADDOCK_DATA ({data}); Paddock gets a new database ready when it starts."
        )


def check_house(data: Path) -> None:
    """`CannotStart` where reading the settings would begin a new house."""
    kept = (data / file for name, file in LASTING.items() if not env_secret(name))
    try:
        is_there = all(path.exists() for path in kept)
    except PermissionError as closed:
        raise CannotStart(
            f"{data} cannot be read by this account. "
            "Run it as the account that Paddock runs as."
        ) from closed
    if not is_there:
        raise CannotStart(
            f"There is no Paddock in {data}. "
            "Set PADDOCK_DATA to the data folder of yours, or start one with make up."
        )
