"""What every test can count on."""

import pytest
from django.test import Client
from pytest_django import Settings

from dashboard.people.models import User
from tests.make import make_admin, make_person


@pytest.fixture(autouse=True)
def quick_passwords(settings: Settings) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(autouse=True)
def plain_static_files(settings: Settings) -> None:
    """Nothing is collected here; the names of static files are as they are written."""
    backend = "django.contrib.staticfiles.storage.StaticFilesStorage"
    settings.STORAGES = {**settings.STORAGES, "staticfiles": {"BACKEND": backend}}


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
