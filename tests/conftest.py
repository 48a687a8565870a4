"""What every test can count on."""

from collections.abc import AsyncIterator, Iterator
from importlib import import_module

import hypothesis
import pytest
from django.apps import apps
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.db import connection, transaction
from django.test import Client, TransactionTestCase
from django.utils import translation
from pytest_django import DjangoDbBlocker, Settings

from dashboard.live.bus import link
from dashboard.people.models import User
from models_app.models import AlertRule, EnergySettings
from models_app.serving.clients import close_clients
from models_app.serving.settling import all_settled
from models_app.serving.slots.door import close_door
from models_app.snapshot import forget
from tests.at_door import empty_door
from tests.make import make_admin, make_person

__all__ = ["empty_door"]

# What a property tries is the same in every run, and no machine is too slow for it.
hypothesis.settings.register_profile(
    "house", deadline=None, derandomize=True, database=None
)
hypothesis.settings.load_profile("house")

END_OTHERS = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()
"""


# After pytest-django's own order, which puts what needs no database last.
@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes longest, so that no core idles while the last of it ends."""
    items.sort(key=lambda item: not (item.get_closest_marker("up") or _looks(item)))


def _looks(item: pytest.Item) -> bool:
    return "browser" in item.path.parts


@pytest.fixture(scope="session")
def django_db_setup(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker
) -> Iterator[None]:
    """Before the database of the tests goes, end what threads still hold open to it."""
    yield
    with django_db_blocker.unblock():
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute(END_OTHERS)


@pytest.fixture(autouse=True, scope="session")
def quick_flush() -> Iterator[None]:
    """After a test with real transactions, delete its rows: Django's own flush makes each
    table's files anew on PostgreSQL, and then what a migration makes."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", delete_rows)
        yield


def delete_rows(case: TransactionTestCase) -> None:
    """All but what Django finds in the code; what migrations have written goes too."""
    kept = {ContentType._meta.db_table, Permission._meta.db_table}
    tables = connection.introspection.django_table_names(only_existing=True)
    with transaction.atomic(), connection.cursor() as cursor:
        for table in sorted(set(tables) - kept):
            cursor.execute(f"DELETE FROM {connection.ops.quote_name(table)}")  # noqa: S608


@pytest.fixture(autouse=True)
def quick_passwords(settings: Settings) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(autouse=True)
def no_language() -> None:
    """Each test begins in English: a page that was asked for before leaves its language on."""
    translation.deactivate()


@pytest.fixture(autouse=True)
def no_snapshot() -> None:
    """Each test reads the database anew."""
    forget()


@pytest.fixture(autouse=True)
def plain_static_files(settings: Settings) -> None:
    """Nothing is collected here; the names of static files are as they are written."""
    backend = "django.contrib.staticfiles.storage.StaticFilesStorage"
    settings.STORAGES = {**settings.STORAGES, "staticfiles": {"BACKEND": backend}}


@pytest.fixture
def no_status() -> None:
    """Nothing of the status of the house stands in Redis yet, and nobody looks at it."""
    if keys := link().keys("paddock:status:*"):
        link().delete(*keys)


@pytest.fixture
def person(db: None) -> User:
    return make_person("olive")


@pytest.fixture
def admin(db: None) -> User:
    return make_admin("ada")


@pytest.fixture
def signed_in(person: User) -> Client:
    client = Client()
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
async def serving() -> AsyncIterator[None]:
    """Connections to model servers that are closed when the test ends."""
    yield
    await all_settled()
    await close_door()
    await close_clients()


@pytest.fixture
def written_rows(db: None) -> None:
    """What migrations write, anew: a test before may have emptied all tables."""
    AlertRule.objects.all().delete()
    EnergySettings.objects.all().delete()
    import_module("models_app.migrations.0013_alerts").write_rows(apps, None)
