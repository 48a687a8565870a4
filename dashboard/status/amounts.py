"""How the numbers of the status page are written; `static/js/amounts.js` writes the same."""

from collections.abc import Callable

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from models_app.fit.sizes import GIGA, size

MINUTE, HOUR, DAY = 60, 3600, 86_400
KWH = 3.6e6
MANY = 10_000 * GIGA
LEAST = 0.0001
"""Of a kWh, or of money: what is less is said to be less, and is not 0."""


def number(value: float, digits: int = 0) -> str:
    """In groups of three, rounded."""
    return number_format(round(value, digits), digits, force_grouping=True)


def percent(value: float) -> str:
    return f"{number(value)} %"


def filled(used: float, total: float) -> tuple[str, str]:
    """How much of how much memory, in one unit."""
    unit, name = (GIGA * 1000, "TB") if total >= MANY else (GIGA, "GB")
    digits = 1 if total / unit < 100 else 0
    return number(used / unit, digits), f"/ {number(total / unit, digits)} {name}"


def per_second(tokens: float) -> str:
    return number(tokens, 1 if 0 < tokens < 10 else 0)


def degrees(value: float) -> str:
    return f"{number(value)} °C"


def megahertz(value: float) -> str:
    return f"{number(value)} MHz"


def one_watt(value: float) -> str:
    return f"{number(value)} W"


def watts(value: float) -> tuple[str, str]:
    """The number, and W or kW."""
    return (
        (number(value / 1000, 2 if value < 100_000 else 0), "kW")
        if value >= 1000
        else (number(value), "W")
    )


def energy(joules: float) -> str:
    """In Wh where kWh would round to little or nothing."""
    hours = joules / KWH
    if hours >= 0.1:
        return f"{number(hours, 2 if hours < 10 else 0)} kWh"
    if 0 < hours < LEAST:
        return f"< {number(LEAST * 1000, 1)} Wh"
    return f"{number(hours * 1000, 1 if hours < 0.01 else 0)} Wh"


def money(amount: float, currency: str) -> str:
    """With as many digits as a small amount needs."""
    if 0 < amount < LEAST:
        return f"< {number(LEAST, 4)} {currency}".strip()
    return f"{number(amount, 4 if 0 < amount < 0.1 else 2)} {currency}".strip()


def seconds(value: float) -> str:
    """A short time; tenths and hundredths tell apart what feels alike."""
    return f"{number(value, 2 if value < 1 else 1)} s"


def age(value: float) -> str:
    """A while, in its largest unit."""
    for least, words in (
        (DAY, _("%(count)s d")),
        (HOUR, _("%(count)s h")),
        (MINUTE, _("%(count)s min")),
    ):
        if value >= least:
            return words % {"count": int(value // least)}
    return _("%(count)s s") % {"count": int(value)}


WRITTEN: dict[str, Callable[[float], str]] = {
    "util": percent,
    "fan": percent,
    "cpu": percent,
    "temperature": degrees,
    "temperature_limit": degrees,
    "memory_temperature": degrees,
    "power": one_watt,
    "power_limit": one_watt,
    "sm_clock": megahertz,
    "memory_used": size,
    "memory_total": size,
    "memory_available": size,
    "swap_used": size,
    "disk_free": size,
    "disk_total": size,
    "load": lambda value: number(value, 1),
    "cores": number,
    "running": number,
    "waiting": number,
    "tokens_per_second": per_second,
    "first_token_p95": seconds,
    "ecc_uncorrected": number,
    "rows_failed": number,
    "kv_cache": lambda value: percent(value * 100),
}
"""How each number is written, by its name."""
