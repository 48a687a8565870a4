"""The secret key of a house that was given none: made once, kept beside its data."""

import os
import secrets
from pathlib import Path


def secret_key(data: Path) -> str:
    """The key in `data`; made, for the owner's eyes only, when it is not there yet."""
    path = data / "secret_key"
    try:
        return path.read_text().strip() or _made(path)
    except FileNotFoundError:
        return _made(path)


def _made(path: Path) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    draft.touch(mode=0o600)
    draft.write_text(secrets.token_urlsafe(50))
    try:
        # A link, not a rename: of two processes that start at once, the first wins.
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
    return path.read_text().strip()
