"""Reading the environment; each secret may also stand in a file named by `…_FILE`."""

import os
from pathlib import Path


def env_str(name: str, default: str = "") -> str:
    return os.environ.get(name, "").strip() or default


def env_int(name: str, default: int) -> int:
    value = env_str(name)
    if value and not value.isdigit():
        raise ValueError(f"{name} must be a whole number, not {value!r}.")
    return int(value) if value else default


def env_bool(name: str, *, default: bool) -> bool:
    value = env_str(name).lower()
    if value in ("", "1", "true", "yes", "on", "0", "false", "no", "off"):
        return value in ("1", "true", "yes", "on") if value else default
    raise ValueError(f"{name} must be on or off, not {value!r}.")


def env_secret(name: str) -> str:
    """The value of NAME, else what the file named by NAME_FILE holds, else nothing."""
    path = env_str(f"{name}_FILE")
    return env_str(name) or (Path(path).read_text().strip() if path else "")
