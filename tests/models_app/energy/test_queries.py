from datetime import UTC, datetime
from typing import Any

import pytest
from django.utils import timezone

from models_app.energy.cloud_costs import Tokens, cloud_cost_of
from models_app.energy.queries import Span, energy_in, today_and_month
from models_app.models import (
    CloudPrice,
    EnergySettings,
    FiveMinutes,
    Gpu,
    Node,
    TenSeconds,
)
from models_app.nodes.rollup import roll_up

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 28, 12, tzinfo=UTC)
T0 = int(NOON.timestamp())
DAY = Span(NOON.replace(hour=0), NOON.replace(hour=23), "UTC")


def make_gpu(uuid: str = "GPU-1", node: str = "gpu-01") -> Gpu:
    host, _ = Node.objects.get_or_create(name=node)
    return Gpu.objects.create(node=host, uuid=uuid)


def five(gpu: Gpu, at: int, joules: int | None, **fields: Any) -> None:
    FiveMinutes.objects.create(gpu=gpu, bucket=T0 + at, n=30, energy=joules, **fields)


def ten(gpu: Gpu, at: int, joules: int | None, **fields: Any) -> None:
    TenSeconds.objects.create(gpu=gpu, bucket=T0 + at, n=10, energy=joules, **fields)


def settings_are(**fields: Any) -> None:
    EnergySettings.objects.update_or_create(pk=1, defaults=fields)


def price(**fields: Any) -> CloudPrice:
    wanted = {
        "name": fields.get("pattern", "*"),
        "pattern": "*",
        "input_price": "1",
        "output_price": "3",
        "currency": "USD",
        "as_of": "2026-11-01",
    }
    return CloudPrice.objects.create(**{**wanted, **fields})


def test_joules_are_added_up_by_card() -> None:
    one, two = make_gpu("a"), make_gpu("b")
    five(one, 0, 1000)
    five(one, 300, 2000)
    five(two, 0, 500)

    energy = energy_in(DAY)

    assert energy.joules == 3500
    assert energy.per_gpu == {one.pk: 3000, two.pk: 500}


def test_no_moment_counts_twice_on_its_way_from_ten_seconds_to_five_minutes() -> None:
    gpu = make_gpu()
    for at in range(0, 600, 10):
        ten(gpu, at, 10)
    before = energy_in(DAY).joules

    five(gpu, 0, 300)

    assert (before, energy_in(DAY).joules) == (600, 600)


def test_a_card_that_is_not_rolled_up_yet_counts_beside_one_that_is() -> None:
    rolled, late = make_gpu("a"), make_gpu("b")
    five(rolled, 0, 300)
    ten(late, 0, 10)

    assert energy_in(DAY).joules == 310


def test_what_was_before_or_comes_after_does_not_count() -> None:
    gpu = make_gpu()
    five(gpu, -12 * 3600 - 300, 1)
    five(gpu, -12 * 3600, 10)
    five(gpu, 11 * 3600, 100)

    assert energy_in(DAY).joules == 10


def test_what_is_not_measured_is_not_nothing() -> None:
    settings_are(price="0.30", currency="EUR")
    five(make_gpu(), 0, None)

    energy = energy_in(DAY)

    assert (energy.joules, energy.cost, energy.measured_share) == (None, None, None)
    assert energy.not_measured == 1
    assert energy_in(Span(NOON, NOON, "UTC")).joules is None


def test_it_is_told_how_much_came_from_a_counter() -> None:
    five(make_gpu("a"), 0, 300)
    five(make_gpu("b"), 0, 100, energy_is_measured=False)

    assert energy_in(DAY).measured_share == 0.75


def test_idle_and_active_energy_are_two_numbers() -> None:
    gpu = make_gpu()
    ten(gpu, 0, 1, util_avg=49)
    ten(gpu, 300, 10, util_avg=50)
    ten(gpu, 600, 100)

    energy = energy_in(DAY)

    assert (energy.idle_joules, energy.active_joules) == (1, 10)


def test_what_was_used_while_idle_is_known_when_it_is_rolled_up() -> None:
    gpu = make_gpu()
    for at in range(0, 300, 10):
        busy = dict.fromkeys(("util_avg", "util_min", "util_max"), at // 250 * 900)
        ten(gpu, at, 10, energy_is_measured=at > 0, **busy)
    before = energy_in(DAY)

    assert roll_up(now=T0 + 400) == 1

    assert energy_in(DAY) == before
    assert (before.idle_joules, before.active_joules) == (250, 50)
    assert before.measured_share == 290 / 300


def test_of_rows_that_do_not_tell_it_is_not_known_what_was_used_while_idle() -> None:
    five(make_gpu("a"), 0, 300, util_avg=0)
    five(make_gpu("b"), 0, 100, util_avg=900, energy_is_measured=False)

    energy = energy_in(DAY)

    assert (energy.idle_joules, energy.active_joules) == (0, 0)
    assert energy.measured_share == 0.75


# The examples of gpu.md 7, at 0.30 a kWh: watts, tokens a second, cost of a million tokens.
@pytest.mark.parametrize(
    ("watts", "speed", "kwh", "cost"),
    [
        (335, 110, 0.85, 0.25),
        (400, 2200, 0.05, 0.015),
        (500, 16, 8.7, 2.60),
        (600, 2500, 0.067, 0.02),
        (120, 8, 4.2, 1.25),
    ],
)
def test_a_million_tokens_cost_what_the_worked_table_says(
    watts: float, speed: float, kwh: float, cost: float
) -> None:
    settings_are(price="0.30", currency="EUR")
    five(make_gpu(), 0, round(watts / speed * 1e6))

    energy = energy_in(DAY)

    assert energy.joules is not None
    assert energy.cost is not None
    assert energy.joules / 3.6e6 == pytest.approx(kwh, rel=0.03)
    assert energy.cost == pytest.approx(cost, rel=0.05)


def test_an_idle_card_of_22_watts_costs_58_a_year() -> None:
    settings_are(price="0.30", currency="EUR")
    five(make_gpu(), 0, 22 * 365 * 86_400)

    assert energy_in(DAY).cost == pytest.approx(58, rel=0.01)


def test_hosts_and_the_building_are_added_where_they_are_set() -> None:
    settings_are(host_watts=100, pue=1.5)
    one, two = make_gpu("a"), make_gpu("b")
    other = make_gpu("c", node="gpu-02")
    for gpu in (one, two, other):
        five(gpu, 0, 1000)
    ten(other, 300, 0)

    # Two hosts for 300 s each, and one for another 10 s.
    assert energy_in(DAY).joules == (3000 + 100 * 610) * 1.5


def test_without_a_price_there_is_no_cost() -> None:
    settings_are(price=None)
    five(make_gpu(), 0, 1000)

    assert energy_in(DAY).cost is None


def test_today_and_the_month_begin_at_midnight_in_the_zone_that_is_said() -> None:
    now = datetime(2026, 11, 1, 1, 30, tzinfo=UTC).timestamp()

    with timezone.override("America/New_York"):
        today, month = today_and_month(now)

    assert today.since.isoformat() == "2026-10-31T00:00:00-04:00"
    assert month.since.isoformat() == "2026-10-01T00:00:00-04:00"
    assert today.zone == "America/New_York"


def test_a_day_of_25_hours_begins_at_its_midnight() -> None:
    now = datetime(2026, 10, 25, 23, tzinfo=UTC).timestamp()

    with timezone.override("Europe/Berlin"):
        today, _ = today_and_month(now - 3600)

    assert today.until.timestamp() - today.since.timestamp() == 24 * 3600


def test_tokens_cost_what_the_closest_price_says() -> None:
    price(pattern="*")
    price(pattern="llama3.1:70b*", input_price="0.5", output_price="2")
    tokens = [
        Tokens("llama3.1:70b-q4", prompt=2_000_000, completion=1_000_000),
        Tokens("other", prompt=1_000_000, completion=0),
    ]

    cost = cloud_cost_of(tokens)

    assert cost.amounts == {"USD": pytest.approx(0.5 * 2 + 2 + 1)}
    assert (cost.priced, cost.tokens) == (4_000_000, 4_000_000)


def test_tokens_without_a_price_are_counted() -> None:
    price(pattern="llama3*")
    tokens = [Tokens("llama3.1", 900, 0), Tokens("mine", 200, 50), Tokens("", 50, 0)]

    cost = cloud_cost_of(tokens)

    assert (cost.priced, cost.tokens) == (900, 1200)


@pytest.mark.parametrize("listed", ["llama3.1", "llama3.1:latest", "Llama3.1"])
@pytest.mark.parametrize("pattern", ["llama3.1", "llama3.1:latest", "llama3.1:*"])
def test_a_price_fits_a_model_however_it_is_listed(listed: str, pattern: str) -> None:
    price(pattern=pattern)

    assert cloud_cost_of([Tokens(listed, 1, 1)]).priced == 2


def test_amounts_of_two_currencies_are_not_added() -> None:
    price(pattern="a", currency="USD")
    price(pattern="b", currency="EUR")

    cost = cloud_cost_of([Tokens("a", 1_000_000, 0), Tokens("b", 1_000_000, 0)])

    assert cost.amounts == {"USD": 1, "EUR": 1}
