"""How bytes, tokens, prices and ages are written."""

from datetime import datetime
from decimal import Decimal

from django import template
from django.utils.formats import number_format

from dashboard.sentences import grouped
from models_app import advice
from models_app.fit import sizes
from models_app.pull_words import size_text

register = template.Library()


@register.filter
def size(amount: int | None) -> str:
    """Bytes as every page writes them; “–” for None."""
    return "–" if amount is None else sizes.size(amount)


@register.filter
def small_size(amount: int) -> str:
    """The same down to kB, and cut: what is full is told so, and nothing else."""
    return size_text(amount)


@register.filter
def count(number: int | None) -> str:
    """A whole number in groups of three; “–” for None."""
    if number is None:
        return "–"
    return grouped(number)


@register.filter
def price(amount: Decimal | None) -> str:
    """With all the digits that it has, and two at least; “–” for None."""
    if amount is None:
        return "–"
    digits = next((n for n in (2, 3, 4) if round(amount, n) == amount), 5)
    return number_format(amount, digits)


@register.filter
def ago(at: datetime | None) -> str:
    return advice.ago(at)
