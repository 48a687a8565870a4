"""How bytes, tokens and ages are written."""

from datetime import datetime

from django import template
from django.utils.formats import number_format

from models_app import advice
from models_app.fit import sizes

register = template.Library()
GIGA, MEGA = 10**9, 10**6


@register.filter
def size(amount: int | None) -> str:
    """Bytes in decimal units, as the libraries of models print them; “–” for None."""
    if amount is None:
        return "–"
    unit, name = (GIGA, "GB") if amount >= GIGA else (MEGA, "MB")
    digits = 1 if GIGA <= amount < 100 * GIGA else 0
    # Django cuts decimals off where it should round.
    return f"{number_format(round(amount / unit, digits), digits)} {name}"


@register.filter
def gib(amount: int | None) -> str:
    """Memory in binary units, as cards are sold; “–” for None."""
    return "–" if amount is None else sizes.gib(amount)


@register.filter
def count(number: int | None) -> str:
    """A whole number in groups of three; “–” for None."""
    if number is None:
        return "–"
    return number_format(number, 0, use_l10n=True, force_grouping=True)


@register.filter
def ago(at: datetime | None) -> str:
    return advice.ago(at)
