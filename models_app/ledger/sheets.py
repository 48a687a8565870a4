"""Use as a sheet of comma-separated values.

It begins with a byte order mark, without which Excel takes UTF-8 for something else and
spoils every name that is not English; programs read it as `utf-8-sig`. Numbers are bare:
seconds, joules, milliseconds, and a point before decimals.
"""

import csv
import io
from collections.abc import Iterable

from models_app.ledger.queries import Price
from models_app.ledger.uses import Use

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
"""How what a spreadsheet would compute begins."""
COLUMNS = (
    "name",
    "replies",
    "failed",
    "prompt_tokens",
    "cached_tokens",
    "completion_tokens",
    "gpu_seconds",
    "joules",
    "cost",
    "currency",
    "median_queue_ms",
    "median_first_token_ms",
)


def sheet_of(uses: Iterable[Use], price: Price) -> str:
    """A line for each, below the names of the columns; nothing for what is not known."""
    written = io.StringIO()
    writer = csv.writer(written)
    writer.writerow(COLUMNS)
    writer.writerows(_cells(each, price) for each in uses)
    return "\ufeff" + written.getvalue()


def plain(text: str) -> str:
    """Text that no spreadsheet takes for a formula: people choose their names."""
    return (
        f"'{text}" if text.lstrip().startswith(FORMULA) or text[:1] in FORMULA else text
    )


def _cells(use: Use, price: Price) -> list[object]:
    cost = price.of(use.joules)
    return [
        plain(use.name),
        use.replies,
        use.failed,
        use.prompt,
        use.cached,
        use.completion,
        _rounded(use.gpu_seconds, 3),
        _rounded(use.joules, 3),
        _rounded(cost, 6),
        plain(price.currency) if cost is not None else "",
        use.queue.median,
        use.first_token.median,
    ]


def _rounded(value: float | None, digits: int) -> float | None:
    return None if value is None else round(value, digits)
