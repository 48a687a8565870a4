"""The few numbers on top of the status page."""

import re
import time

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from dashboard.status.headline import Figure, headline
from models_app.energy.queries import Energy, energy_in, today_and_month
from models_app.figures.queries import ServerFigures
from tests.dashboard.status.told_status import hear

pytestmark = pytest.mark.django_db


def figures(told: ServerFigures) -> dict[str, Figure]:
    """What stands there when one server tells this, and no other."""
    found = headline({1: told}, [], energy_in(today_and_month(told.at)[0]))
    return {each.name: each for each in found.figures}


def test_what_nobody_tells_is_not_zero() -> None:
    told = figures(ServerFigures(time.time(), kv_cache=0.5))

    assert (told["speed"].text, told["flight"].text) == ("–", "–")
    assert told["speed"].lack == "No model server tells how much it writes."


def test_a_zero_is_one_that_a_server_told() -> None:
    told = figures(ServerFigures(time.time(), tokens_per_second=0.0, running=0))

    assert (told["speed"].text, told["speed"].small) == ("0", "tok/s")
    assert (told["flight"].text, told["flight"].small) == ("0", "")


def test_the_cost_of_today_is_a_number_with_its_unit_like_the_others() -> None:
    span, _ = today_and_month(time.time())
    today = Energy(span, 3_600_000, 3.6, "EUR", 1.0, 0, 0, 0, {})

    figure = headline({}, [], today).figures[-1]

    assert (figure.label, figure.text, figure.small) == (
        "Today, 1.00 kWh",
        "3.60",
        "EUR",
    )


def test_the_headline_alone_asks_for_no_card_and_no_server(signed_in: Client) -> None:
    hear()

    with CaptureQueriesContext(connection) as asked:
        page = signed_in.get("/status/?fragment=headline").content.decode()

    assert "8.6" in re.sub(r"\s+", " ", page)
    tables = " ".join(each["sql"] for each in asked)
    assert 'FROM "models_app_languagemodel"' not in tables
    assert 'FROM "models_app_backend"' not in tables
