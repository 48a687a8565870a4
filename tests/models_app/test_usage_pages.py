"""The pages of what was used."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.utils import timezone

from dashboard.people.models import User
from models_app.models import EnergySettings
from tests.make import make_generation
from tests.models_app.shown import shown

pytestmark = pytest.mark.django_db


def client_of(person: User) -> Client:
    client = Client()
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def price() -> None:
    wanted = {"price": "0.30", "currency": "EUR"}
    EnergySettings.objects.update_or_create(pk=1, defaults=wanted)
