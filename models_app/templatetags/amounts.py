"""How bytes, tokens and ages are written."""

from datetime import datetime

from django import template
from django.utils.formats import number_format

from models_app import advice
from models_app.fit import sizes

register = template.Library()


@register.filter
def size(amount: int | None) -> str:
    """Bytes as every page writes them; “–” for None."""
    return "–" if amount is None else sizes.size(amount)


@register.filter
def count(number: int | None) -> str:
    """A whole number in groups of three; “–” for None."""
    if number is None:
        return "–"
    return number_format(number, 0, use_l10n=True, force_grouping=True)


@register.filter
def ago(at: datetime | None) -> str:
    return advice.ago(at)
