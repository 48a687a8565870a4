"""Energy and money on the status page: what it says, and what it does not say."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from dashboard.people.models import User
from dashboard.status.amounts import energy, money
from dashboard.status.energy import Row, energy_panel
from models_app.models import CloudPrice, EnergySettings, FiveMinutes, Gpu, Node
from tests.make import make_generation, make_gpu, make_node

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 28, 12, tzinfo=UTC)
NOW = NOON.timestamp() + 600
YESTERDAY = NOON - timedelta(days=1)


def took(gpu: Gpu, joules: int | None, *, at: datetime = NOON, **fields: Any) -> None:
    FiveMinutes.objects.create(
        gpu=gpu, bucket=int(at.timestamp()), n=30, energy=joules, **fields
    )


def costs(**fields: Any) -> None:
    wanted = {"price": "0.36", "currency": "EUR", **fields}
    EnergySettings.objects.update_or_create(pk=1, defaults=wanted)


def cloud(**fields: Any) -> None:
    wanted = {"name": "x", "pattern": "tiny", "input_price": "1", "output_price": "2"}
    day = {"currency": "USD", "as_of": "2026-11-01"}
    CloudPrice.objects.create(**{**wanted, **day, **fields})


def wrote(*, at: datetime = NOON, **fields: Any) -> None:
    wanted = {"prompt_tokens": 1000, "completion_tokens": 500}
    make_generation(ended_at=at, **{**wanted, **fields})


def said(row: Row) -> dict[str, str]:
    return {
        column.label: f"{amount.text} {amount.small}".strip()
        for column, amount in row.amounts
    }


def shown(client: Client, address: str = "/status/energy/") -> str:
    html = client.get(address).content.decode()
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


def test_today_and_the_month_stand_side_by_side() -> None:
    gpu = make_gpu()
    took(gpu, 3_600_000, idle=3_600_000, active=0)
    took(gpu, 7_200_000, at=YESTERDAY, active=7_200_000, energy_is_measured=False)
    wrote()
    costs()
    cloud()

    today, month = (said(each) for each in energy_panel(NOW).rows)

    assert today["Energy"] == "1.00 kWh"
    assert month["Energy"] == "3.00 kWh"
    assert (today["Measured"], month["Measured"]) == ("100 %", "33 % rest from power")
    assert month["While idle"] == "33 % 1.00 kWh"
    assert (today["Cost"], month["Cost"]) == ("0.36 EUR", "1.08 EUR")
    assert today["Tokens"] == "1,500 1,000 read, 500 written"


def test_tokens_are_priced_here_and_elsewhere() -> None:
    took(make_gpu(), 3_600_000)
    wrote(model="tiny")
    wrote(model="other", prompt_tokens=500, completion_tokens=0)
    costs()
    cloud()

    panel = energy_panel(NOW)

    assert said(panel.rows[0])["A million tokens"] == "180.00 EUR"
    cloud_column, told = panel.rows[0].amounts[-1]
    assert cloud_column.label == "The same in the cloud"
    assert (told.text, told.small) == ("0.0020 USD", "for 75 % of the tokens")
    assert told.lack == "Of 2,000 tokens, 1,500 have a price."
    assert "Cloud prices as of Nov. 1, 2026." in panel.notes


def test_prices_in_two_currencies_are_not_added() -> None:
    wrote(model="tiny", prompt_tokens=10**6, completion_tokens=0)
    wrote(model="other", prompt_tokens=10**6, completion_tokens=0)
    cloud()
    cloud(name="y", pattern="other", input_price="3", currency="EUR")

    told = said(energy_panel(NOW).rows[0])["The same in the cloud"]

    assert set(told.split(" + ")) == {"1.00 USD", "3.00 EUR"}


def test_what_was_not_measured_is_no_zero() -> None:
    took(make_gpu(), None)
    wrote()
    costs()

    panel = energy_panel(NOW)

    assert said(panel.rows[0])["Energy"] == "not measured"
    assert [each.label for each in panel.columns] == ["Energy", "Tokens"]


def test_a_card_that_tells_nothing_is_counted_beside_the_others() -> None:
    took(make_gpu(), 3_600_000)
    took(make_gpu(make_node("gpu-02"), "GPU-2"), None)

    today = said(energy_panel(NOW).rows[0])

    assert today["Energy"] == "1.00 kWh 1 card not measured"


def test_the_settings_are_told_with_what_they_add() -> None:
    took(make_gpu(), 3_600_000)
    costs(price="0.305", host_watts=80, pue=1.2)

    notes = energy_panel(NOW).notes

    assert notes == [
        "A kWh costs 0.305 EUR.",
        "Each host counts with 80 W besides its cards.",
        "All of it times 1.20 for the building.",
        "What the machines cost is not in it.",
    ]


def test_the_energy_is_split_by_card_and_adds_up() -> None:
    node = make_node()
    took(make_gpu(node, "a", name="RTX 4090"), 3_600_000)
    took(make_gpu(node, "b", index=1), 1_800_000, at=YESTERDAY)
    costs(pue=2)

    told = [
        (each.host, each.card, each.today, each.month, each.part)
        for each in energy_panel(NOW).shares
    ]

    assert told == [
        ("gpu-01", "0 · RTX 4090", "1.00 kWh", "1.00 kWh", "33 %"),
        ("gpu-01", "1", "–", "0.50 kWh", "17 %"),
        ("Hosts and building", "", "1.00 kWh", "1.50 kWh", "50 %"),
    ]


def test_many_cards_are_split_by_host() -> None:
    for host in ("gpu-01", "gpu-02"):
        node = Node.objects.create(name=host)
        for index in range(10):
            took(make_gpu(node, f"{host}-{index}", index=index), 360_000)

    told = [(each.host, each.month) for each in energy_panel(NOW).shares]

    assert told == [("gpu-01", "1.00 kWh"), ("gpu-02", "1.00 kWh")]


def test_one_card_is_not_split() -> None:
    took(make_gpu(), 3_600_000)

    assert energy_panel(NOW).shares == []


def test_an_empty_house_says_that_nothing_was_told(signed_in: Client) -> None:
    page = shown(signed_in)

    assert "Nothing to add up this month yet. Ask a model something" in page
    assert "kWh" not in page
    assert "<table" not in signed_in.get("/status/energy/").content.decode()


def test_without_prices_an_administrator_is_led_to_them(
    client: Client, admin: User
) -> None:
    client.force_login(admin, backend="django.contrib.auth.backends.ModelBackend")

    html = client.get("/status/energy/").content.decode()

    assert 'href="/admin/models_app/energysettings/"' in html
    assert 'href="/admin/models_app/cloudprice/"' in html
    assert "Set the price of a kWh" in html


def test_without_prices_a_member_is_told_so_without_a_link(signed_in: Client) -> None:
    page = shown(signed_in)

    assert "Once an administrator has set the price of electricity, this also" in page
    assert "Once an administrator has written down cloud prices, this also" in page
    assert "/admin/" not in signed_in.get("/status/energy/").content.decode()


def test_the_page_has_the_panel_and_the_wall_has_not(signed_in: Client) -> None:
    page = signed_in.get("/status/").content.decode()

    assert 'data-src="/status/energy/"' in page
    assert "Energy and money" in shown(signed_in, "/status/")
    assert "Energy and money" not in shown(signed_in, "/status/?kiosk")


@pytest.mark.parametrize(
    ("joules", "told"),
    [
        (0, "0.0 Wh"),
        (100, "< 0.1 Wh"),
        (3_600, "1.0 Wh"),
        (180_000, "50 Wh"),
        (3_600_000, "1.00 kWh"),
        (54_000_000, "15 kWh"),
    ],
)
def test_a_little_energy_is_not_rounded_to_none(joules: int, told: str) -> None:
    assert energy(joules) == told


@pytest.mark.parametrize(
    ("amount", "told"),
    [
        (0, "0.00 EUR"),
        (0.00001, "< 0.0001 EUR"),
        (0.0042, "0.0042 EUR"),
        (3, "3.00 EUR"),
    ],
)
def test_a_little_money_is_not_rounded_to_none(amount: float, told: str) -> None:
    assert money(amount, "EUR") == told


def test_real_rows_reach_the_page(signed_in: Client) -> None:
    moment = timezone.now() - timedelta(seconds=1)
    for uuid in ("a", "b"):
        took(make_gpu(make_node(f"gpu-{uuid}"), uuid), 1_800_000, at=moment)
    wrote(at=moment, model="tiny")
    costs()
    cloud()

    page = shown(signed_in)

    for words in ("1.00 kWh", "0.36 EUR", "1,500", "0.0020 USD", "gpu-b 0"):
        assert words in page


def test_each_column_is_explained_in_words(signed_in: Client) -> None:
    took(make_gpu(), 3_600_000, at=timezone.now() - timedelta(seconds=5))

    page = shown(signed_in)

    assert "What these numbers say" in page
    assert "How much of the cards’ energy their own counters told, exactly." in page
