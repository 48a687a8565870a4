"""An administrator's browser, and a preset."""

import pytest
from django.test import Client

from dashboard.people.models import User
from models_app.models import Preset
from tests.make import make_preset
from tests.models_app.preset_pages.editing import BY_HAND, TEXT


@pytest.fixture
def office(client: Client, admin: User) -> Client:
    client.force_login(admin, backend=BY_HAND)
    return client


@pytest.fixture
def preset() -> Preset:
    return make_preset(name="Helper", text=TEXT, icon="🦉", description="It helps.")
