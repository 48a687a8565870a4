"""The page of one card: what it did, over four spans of time."""

import time
from dataclasses import dataclass

from django.utils.translation import gettext as _

from dashboard.errors import NotFound
from dashboard.status.charts import Charts, charts_of
from models_app.gpu.metrics import Metric
from models_app.gpu.samples import Card
from models_app.models import Gpu
from models_app.nodes.history import Span, history_of
from models_app.nodes.queries import nodes_now

LIMITS = {
    "memory": Metric.MEMORY_TOTAL,
    "power": Metric.POWER_LIMIT,
    "temperature": Metric.TEMPERATURE_LIMIT,
    "sm_clock": Metric.SM_CLOCK_MOST,
}


@dataclass(frozen=True, slots=True)
class CardHistory:
    """A card, whoever has removed its host since, and its charts; `lost` if its host still
    has it and it does not answer any more."""

    gpu: Gpu
    span: Span
    charts: Charts
    lost: bool = False


def spans() -> list[tuple[Span, str]]:
    return [
        (Span.QUARTER, _("15 minutes")),
        (Span.HOUR, _("1 hour")),
        (Span.DAY, _("1 day")),
        (Span.QUARTER_YEAR, _("90 days")),
    ]


def card_history(pk: int, wish: str, now: float | None = None) -> CardHistory:
    """`NotFound` for a card that was never heard of; an unknown span is an hour."""
    moment = time.time() if now is None else now
    gpu = Gpu.objects.select_related("node").filter(pk=pk).first()
    if gpu is None:
        raise NotFound
    span = Span(wish) if wish in [str(each) for each in Span] else Span.HOUR
    card = _card(gpu, moment)
    charts = charts_of(history_of(pk, span, moment), span, _limits(gpu, card))
    return CardHistory(gpu, span, charts, lost=card is not None and card.lost)


def _limits(gpu: Gpu, card: Card | None) -> dict[str, float]:
    """What the card can at most, as it said last."""
    found = {"memory": float(gpu.memory_total)} if gpu.memory_total else {}
    if card is None:
        return found
    told = {name: card.value(metric) for name, metric in LIMITS.items()}
    return found | {name: value for name, value in told.items() if value}


def _card(gpu: Gpu, now: float) -> Card | None:
    nodes = (each for each in nodes_now(now) if each.pk == gpu.node_id and each.sample)
    cards = (card for each in nodes if each.sample for card in each.sample.cards)
    return next((card for card in cards if card.uuid == gpu.uuid), None)
