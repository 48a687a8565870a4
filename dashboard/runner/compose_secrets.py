"""Makes the secrets that compose.yaml reads, each once: `make secrets`.

Run by path with any Python; what is there already stays as it is.
"""

import secrets
from pathlib import Path

FOLDER = Path(__file__).resolve().parent.parent.parent / "var" / "secrets"


def main() -> None:
    """Write what is missing.

    The folder is closed to other accounts; the files in it are not, because each
    container reads its own under an account of its own.
    """
    FOLDER.mkdir(parents=True, exist_ok=True)
    FOLDER.chmod(0o700)
    make("secret_key", secrets.token_urlsafe(50))
    redis = make("redis_password", secrets.token_urlsafe(32))
    make("redis_url", f"redis://:{redis}@valkey:6379/0")
    database = make("postgres_password", secrets.token_urlsafe(32))
    make("database_url", f"postgres://paddock:{database}@postgres:5432/paddock")
    print(f"The secrets are in {FOLDER}; keep a copy of secret_key with your backups.")


def make(name: str, value: str) -> str:
    """The secret of that name; made when it is not there."""
    path = FOLDER / name
    if not path.exists():
        path.write_text(value)
        path.chmod(0o444)
    return path.read_text()


if __name__ == "__main__":
    main()
