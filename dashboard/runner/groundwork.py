"""What lies ready before the first page: tables and static files, made only when needed."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

from dashboard.runner.cannot_start import CannotStart


def migrate() -> None:
    """Bring the tables up to date; a database that already is costs one query."""
    try:
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            print("Getting the database ready …", flush=True)
            call_command("migrate", interactive=False, verbosity=0)
    except DatabaseError as failure:
        raise CannotStart(
            f"The database cannot be used ({str(failure).strip()}). "
            "Check DATABASE_URL, or that the disk is not full, and start again."
        ) from failure


def collect_static() -> None:
    """Collect the static files unless they are those of the last time."""
    mark = settings.PADDOCK_DATA / "static.mark"
    fingerprint = static_fingerprint()
    made = settings.STATIC_ROOT / "staticfiles.json"
    if made.exists() and mark.exists() and mark.read_text() == fingerprint:
        return
    print("Getting the pages ready …", flush=True)
    try:
        call_command("collectstatic", interactive=False, verbosity=0)
        mark.write_text(fingerprint)
    except OSError as failure:
        raise CannotStart(
            f"The pages cannot be collected in {settings.STATIC_ROOT} "
            f"({failure.strerror}). Make room or set PADDOCK_STATIC, and start again."
        ) from failure


def static_fingerprint() -> str:
    """A hash over where every static file lies, its size and its time."""
    digest = hashlib.sha256(str(settings.STATIC_ROOT).encode())
    for path in _sources():
        status = path.stat()
        digest.update(f"{path} {status.st_size} {status.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def _sources() -> Iterator[Path]:
    for finder in get_finders():
        for path, storage in finder.list([]):
            yield Path(storage.path(path))
