"""What the house's own tokens took and cost, beside what a cloud would have asked.

Energy is of the cards and tokens are of the ledger; they meet here.
"""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from models_app.energy.cloud_costs import CloudCost, cloud_cost_of
from models_app.energy.queries import Energy, Span, energy_in, today_and_month
from models_app.ledger.tokens import tokens_in
from models_app.templatetags.amounts import count


@dataclass(frozen=True, slots=True)
class Bill:
    """A day or a month until now; None is "not measured", or without a price."""

    energy: Energy
    prompt_tokens: int
    completion_tokens: int
    cloud: CloudCost

    @property
    def span(self) -> Span:
        return self.energy.span

    @property
    def joules(self) -> float | None:
        return self.energy.joules

    @property
    def cost(self) -> float | None:
        return self.energy.cost

    @property
    def currency(self) -> str:
        return self.energy.currency

    @property
    def measured_share(self) -> float | None:
        return self.energy.measured_share

    @property
    def per_gpu(self) -> dict[int, int]:
        return self.energy.per_gpu

    @property
    def cost_per_million(self) -> float | None:
        """What a million tokens cost here, idle hours included."""
        if self.cost is None or not self.cloud.tokens:
            return None
        return self.cost / self.cloud.tokens * 1e6

    @property
    def cloud_cost(self) -> float | None:
        """In `cloud_currency`; None without a price, or with prices in two currencies."""
        amounts = list(self.cloud.amounts.values())
        return amounts[0] if len(amounts) == 1 else None

    @property
    def cloud_currency(self) -> str:
        return " ".join(self.cloud.amounts) if len(self.cloud.amounts) == 1 else ""

    @property
    def priced_words(self) -> str:
        """How many of the tokens the cloud's cost is of; "" where it is of all of them."""
        if self.cloud.priced == self.cloud.tokens:
            return ""
        numbers = {"all": count(self.cloud.tokens), "priced": count(self.cloud.priced)}
        return _("Of %(all)s tokens, %(priced)s have a price.") % numbers


def energy_today_and_month(now: float) -> tuple[Bill, Bill]:
    """Since midnight and since the month began, in the reader's time zone (`span.zone`)."""
    today, month = today_and_month(now)
    return _bill(today), _bill(month)


def _bill(span: Span) -> Bill:
    tokens = tokens_in(span)
    return Bill(
        energy=energy_in(span),
        prompt_tokens=sum(each.prompt for each in tokens),
        completion_tokens=sum(each.completion for each in tokens),
        cloud=cloud_cost_of(tokens),
    )
