import re

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.html import escape

from dashboard.people.models import User
from models_app.models import CloudPrice, EnergySettings

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("written_rows")]

PRICE = {
    "name": "A class of its own",
    "pattern": "llama3.1:70b*",
    "input_price": "0.6",
    "output_price": "1.8",
    "currency": "USD",
    "as_of": "2026-01-28",
}


@pytest.fixture
def office(client: Client, admin: User) -> Client:
    client.force_login(admin, backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_the_energy_settings_are_one_row(office: Client) -> None:
    EnergySettings.objects.all().delete()

    page = office.get(reverse("admin:models_app_energysettings_changelist"))

    assert page.status_code == 302
    assert page["Location"].endswith("/1/change/")
    assert EnergySettings.objects.get().price is None
    assert office.get(reverse("admin:models_app_energysettings_add")).status_code == 403


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({}, ""),
        ({"currency": ""}, "Say in which currency the price is."),
        ({"pue": "0.5"}, "greater than or equal to 1"),
        ({"price": "-1"}, "greater than or equal to 0"),
        ({"pue": "1e30"}, "Write a PUE from 1 to 10"),
        ({"pue": "nan"}, "Enter a number."),
        ({"host_watts": "1e30"}, "No host takes as much besides its cards"),
        ({"price": "1e30"}, "no more than 12 digits"),
        ({"currency": "<b>EUR</b>"}, "Write a currency in at most eight letters"),
        ({"currency": "<b>"}, "Write a currency in at most eight letters"),
    ],
)
def test_energy_settings_are_checked(
    fields: dict[str, str], wrong: str, office: Client
) -> None:
    url = reverse("admin:models_app_energysettings_change", args=[1])
    form = {"price": "0.30", "currency": "EUR", "host_watts": "80", "pue": "1.2"}

    answer = office.post(url, {**form, **fields})

    assert answer.status_code == (200 if wrong else 302)
    assert wrong in answer.content.decode()
    for typed in filter(None, fields.values() if wrong else ()):
        assert f'value="{escape(typed)}"' in answer.content.decode()


@pytest.mark.parametrize("currency", ["EUR", "US$", "Kč", "руб.", "元", "€"])
def test_a_currency_is_written_as_people_write_it(
    currency: str, office: Client
) -> None:
    url = reverse("admin:models_app_energysettings_change", args=[1])

    form = {"price": "0.3", "currency": currency, "host_watts": "0", "pue": "1"}
    office.post(url, form)

    assert EnergySettings.objects.get().currency == currency


def test_no_browser_cuts_a_currency_that_is_too_long(office: Client) -> None:
    page = office.get(reverse("admin:models_app_cloudprice_add")).content.decode()

    (field,) = re.findall(r'<input[^>]*name="currency"[^>]*>', page)
    assert "maxlength" not in field


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"as_of": "2999-01-01"}, "That day is still to come"),
        ({"currency": "<i>USD</i>"}, "Write a currency in at most eight letters"),
        ({"input_price": "1e30"}, "no more than 12 digits"),
    ],
)
def test_cloud_prices_are_checked_and_stay_as_typed(
    fields: dict[str, str], wrong: str, office: Client
) -> None:
    answer = office.post(
        reverse("admin:models_app_cloudprice_add"), {**PRICE, **fields}
    )

    assert wrong in answer.content.decode()
    (typed,) = fields.values()
    assert f'value="{escape(typed)}"' in answer.content.decode()
    assert not CloudPrice.objects.exists()


def test_there_is_no_price_until_somebody_writes_one(office: Client) -> None:
    assert not CloudPrice.objects.exists()

    office.post(reverse("admin:models_app_cloudprice_add"), PRICE)

    assert CloudPrice.objects.get().cached_price is None
    listed = office.get(reverse("admin:models_app_cloudprice_changelist"))
    assert "A class of its own" in listed.content.decode()
