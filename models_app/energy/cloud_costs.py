"""What tokens that were computed here would have cost in the cloud, by the table of prices."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from fnmatch import fnmatchcase

from models_app.models import CloudPrice
from models_app.snapshot import name_key

MILLION = 1e6


@dataclass(frozen=True, slots=True)
class Tokens:
    """What was read and written with a model of ours; "" for one that is not known."""

    model: str
    prompt: int
    completion: int

    @property
    def count(self) -> int:
        return self.prompt + self.completion


@dataclass(frozen=True, slots=True)
class CloudCost:
    """What it comes to in each currency; `priced` of all `tokens` have a price, the oldest
    of which is of that day."""

    amounts: dict[str, float]
    priced: int
    tokens: int
    as_of: date | None = None


def cloud_cost_of(tokens: Iterable[Tokens]) -> CloudCost:
    """What the same tokens would have cost; those of models without a price cost nothing
    here, and are counted."""
    prices = list(CloudPrice.objects.all())
    amounts: dict[str, float] = defaultdict(float)
    priced = count = 0
    days = []
    for each in tokens:
        count += each.count
        if price := price_of(each.model, prices):
            priced += each.count
            amounts[price.currency] += _amount(each, price)
            days.append(price.as_of)
    oldest = min(days, default=None)
    return CloudCost(dict(amounts), priced=priced, tokens=count, as_of=oldest)


def price_of(model: str, prices: Sequence[CloudPrice]) -> CloudPrice | None:
    """The price that stands for a model: of those that match, the closest, then the newest."""
    fitting = [each for each in prices if model and _fits(model, each.pattern)]
    return max(fitting, key=lambda each: (len(each.pattern), each.as_of), default=None)


def _fits(model: str, pattern: str) -> bool:
    """A model may be listed as `llama3.1` or `llama3.1:latest`, and mean the same."""
    wanted = pattern.strip().casefold()
    names = (model.casefold(), name_key(model), f"{name_key(model)}:latest")
    return any(fnmatchcase(name, wanted) for name in names)


def _amount(tokens: Tokens, price: CloudPrice) -> float:
    read = tokens.prompt * float(price.input_price)
    return (read + tokens.completion * float(price.output_price)) / MILLION
