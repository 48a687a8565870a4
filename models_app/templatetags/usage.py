"""How what was used is written; “–” for what nobody told."""

from django import template
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from models_app.energy.queries import JOULES_A_KWH
from models_app.ledger.queries import Price

register = template.Library()
UNKNOWN = "–"
MINUTE, HOUR, SECOND = 60, 3_600, 1_000


@register.filter
def gpu_time(seconds: float | None) -> str:
    """In its largest unit."""
    if seconds is None:
        return UNKNOWN
    if seconds < MINUTE:
        return _("%(count)s s") % {"count": _number(seconds, 1)}
    if seconds < HOUR:
        return _("%(count)s min") % {"count": _number(seconds / MINUTE, 1)}
    return _("%(count)s h") % {"count": _number(seconds / HOUR, 1)}


@register.filter
def energy(joules: float | None) -> str:
    """In Wh below a tenth of a kilowatt hour."""
    if joules is None:
        return UNKNOWN
    hours = joules / JOULES_A_KWH
    if hours < 0.1:
        return f"{_number(hours * 1000, 2)} Wh"
    return f"{_number(hours, 2)} kWh"


@register.filter
def cost(joules: float | None, price: Price) -> str:
    amount = price.of(joules)
    if amount is None:
        return UNKNOWN
    digits = 2 if amount >= 1 or not amount else 4
    return f"{_number(amount, digits)} {price.currency}".strip()


@register.filter
def waited(milliseconds: int | None) -> str:
    if milliseconds is None:
        return UNKNOWN
    if milliseconds < SECOND:
        return _("%(count)s ms") % {"count": milliseconds}
    return _("%(count)s s") % {"count": _number(milliseconds / SECOND, 1)}


def _number(value: float, digits: int) -> str:
    return number_format(round(value, digits), digits, force_grouping=True)
