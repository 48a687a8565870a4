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
    if amount >= GIGA:
        return f"{number_format(amount / GIGA, 1 if amount < 100 * GIGA else 0)} GB"
    return f"{number_format(amount / MEGA, 0)} MB"


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
