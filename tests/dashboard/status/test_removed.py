"""The way to the history of hosts that were removed."""

import pytest
from django.test import Client
from django.utils import timezone

from dashboard.people.models import User
from models_app.models import Gpu
from tests.make import make_gpu, make_node


@pytest.fixture
def gone(db: None) -> Gpu:
    """A card of a host that was removed."""
    return make_gpu(make_node("gpu-07", retired_at=timezone.now()), "GPU-7")


def test_an_administrator_finds_the_cards_of_removed_hosts(
    client: Client, admin: User, gone: Gpu
) -> None:
    client.force_login(admin, backend="django.contrib.auth.backends.ModelBackend")

    page = client.get("/status/").content.decode()

    assert "1 removed host" in page
    assert f'href="/status/gpu/{gone.pk}/?span=90d"' in page
    assert "gpu-07" not in client.get("/status/?kiosk").content.decode()


def test_members_are_shown_no_removed_host(signed_in: Client, gone: Gpu) -> None:
    assert "gpu-07" not in signed_in.get("/status/").content.decode()


def test_the_history_of_such_a_card_says_so(signed_in: Client, gone: Gpu) -> None:
    page = signed_in.get(f"/status/gpu/{gone.pk}/").content.decode()

    assert "gpu-07 was removed" in page
    assert "its history is kept." in page
    assert "come back when the card has said more" not in page
