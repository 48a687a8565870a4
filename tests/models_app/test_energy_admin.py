import pytest
from django.test import Client
from django.urls import reverse

from dashboard.people.models import User
from models_app.models import CloudPrice, EnergySettings

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("written_rows")]


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


def test_there_is_no_price_until_somebody_writes_one(office: Client) -> None:
    assert not CloudPrice.objects.exists()
    form = {
        "name": "A class of its own",
        "pattern": "llama3.1:70b*",
        "input_price": "0.6",
        "output_price": "1.8",
        "currency": "USD",
        "as_of": "2026-11-28",
    }

    office.post(reverse("admin:models_app_cloudprice_add"), form)

    assert CloudPrice.objects.get().cached_price is None
    listed = office.get(reverse("admin:models_app_cloudprice_changelist"))
    assert "A class of its own" in listed.content.decode()
