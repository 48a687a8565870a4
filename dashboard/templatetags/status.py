"""How the numbers of the status page stand in its HTML."""

import json
from datetime import datetime
from typing import Any

from django import template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timesince import timesince
from django.utils.translation import gettext as _

from dashboard.status import amounts
from dashboard.status.cells import Cell
from models_app.fit.sizes import GIB, MIB

register = template.Library()


@register.simple_tag
def cell(told: Cell, looks: str = "", about: str = "") -> SafeString:
    """A number that the page keeps up to date; why it lacks is there for every reader."""
    return format_html(
        '<span class="cell {}" data-cell="{}" title="{}">{}'
        '<span class="visually-hidden">{}</span></span>',
        looks,
        told.name,
        told.lack or about,
        told.text,
        told.lack,
    )


@register.filter
def as_json(told: Any) -> str:
    """For an attribute that a script reads."""
    return json.dumps(told, ensure_ascii=False, separators=(",", ":"))


@register.filter
def by_maker(amount: float | None) -> str:
    """The memory of a card as the tools of its maker write it, for who compares."""
    if amount is None:
        return ""
    numbers = {
        "mib": amounts.number(amount / MIB),
        "gib": amounts.number(amount / GIB),
    }
    return _("%(mib)s MiB, that is %(gib)s GiB") % numbers


@register.filter
def left(until: datetime) -> str:
    """How long it is until then."""
    return amounts.age(max(0.0, (until - timezone.now()).total_seconds()))


@register.filter
def lasting(since: datetime) -> str:
    """For how long it is so."""
    seconds = (timezone.now() - since).total_seconds()
    if seconds < amounts.MINUTE:
        return _("just now")
    return _("for %(time)s") % {"time": timesince(since, depth=1)}
