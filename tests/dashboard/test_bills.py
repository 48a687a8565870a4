from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from dashboard.bills import energy_today_and_month
from models_app.energy.cloud_costs import Tokens
from models_app.energy.queries import Span
from models_app.ledger.tokens import tokens_in
from models_app.models import (
    CloudPrice,
    EnergySettings,
    FiveMinutes,
    Generation,
    Gpu,
    Node,
)
from tests.make import make_generation

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 28, 12, tzinfo=UTC)
YESTERDAY = NOON - timedelta(days=1)


def wrote(*, at: datetime = NOON, **fields: Any) -> None:
    wanted = {"prompt_tokens": 100, "completion_tokens": 10}
    make_generation(ended_at=at, **{**wanted, **fields})


def test_tokens_of_whatever_asked_are_counted_by_model() -> None:
    for origin in Generation.Origin:
        wrote(origin=origin)
    wrote(model="other", completion_tokens=None)
    wrote(model="silent", prompt_tokens=None, completion_tokens=None)

    found = tokens_in(Span(YESTERDAY, NOON + timedelta(hours=1), "UTC"))

    assert found == [Tokens("other", 100, 0), Tokens("tiny", 400, 40)]


def test_what_ended_at_another_time_does_not_count() -> None:
    wrote(at=YESTERDAY)
    wrote(at=NOON)

    assert tokens_in(Span(YESTERDAY, NOON, "UTC")) == [Tokens("tiny", 100, 10)]


def test_the_bill_of_today_and_of_the_month() -> None:
    EnergySettings.objects.update_or_create(
        pk=1, defaults={"price": "0.36", "currency": "EUR"}
    )
    gpu = Gpu.objects.create(node=Node.objects.create(name="gpu-01"), uuid="a")
    for at, joules in ((NOON, 1_000_000), (YESTERDAY, 9_000_000)):
        FiveMinutes.objects.create(
            gpu=gpu, bucket=int(at.timestamp()), n=30, energy=joules
        )
    wrote(at=NOON)
    wrote(at=YESTERDAY, model="other")

    today, month = energy_today_and_month(NOON.timestamp() + 600)

    assert (today.joules, month.joules) == (1_000_000, 10_000_000)
    assert today.cost == pytest.approx(0.1)
    assert month.cost == pytest.approx(1.0)
    assert (today.prompt_tokens, month.completion_tokens) == (100, 20)
    assert today.per_gpu == {gpu.pk: 1_000_000}
    assert today.cost_per_million == pytest.approx(0.1 / 110 * 1e6)


def test_the_bill_says_how_many_tokens_its_cloud_cost_is_of() -> None:
    CloudPrice.objects.create(
        name="x",
        pattern="tiny",
        input_price="1",
        output_price="2",
        currency="USD",
        as_of="2026-11-01",
    )
    wrote()
    wrote(model="mine", prompt_tokens=1000, completion_tokens=0)

    today, _ = energy_today_and_month(NOON.timestamp() + 600)

    assert today.cloud_cost == pytest.approx(120 / 1e6)
    assert today.cloud_currency == "USD"
    assert today.priced_words == "Of 1,110 tokens, 110 have a price."


def test_an_empty_house_has_an_empty_bill() -> None:
    today, _ = energy_today_and_month(NOON.timestamp())

    assert (today.joules, today.cost, today.cloud_cost) == (None, None, None)
    assert today.cost_per_million is None
    assert today.priced_words == ""
