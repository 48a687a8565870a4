"""How numbers and times are written."""

import json
from datetime import datetime

from django import template
from django.utils.formats import date_format, localize
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timezone import localtime

from chat.phase_words import patterns

register = template.Library()


@register.simple_tag
def phase_words() -> str:
    """The patterns of what an open reply does, for the page to fill."""
    return json.dumps(patterns(), ensure_ascii=False)


@register.filter
def seconds(milliseconds: int) -> str:
    """Milliseconds as seconds: two digits after the point below ten, then one."""
    value = milliseconds / 1000
    return str(localize(round(value, 2 if value < 10 else 1)))


@register.filter
def moment(at: datetime) -> SafeString:
    """A day and time, which the page turns into those of its reader's clock."""
    here = localtime(at)
    said = date_format(here, "DATETIME_FORMAT")
    return format_html(
        '<time datetime="{}" data-moment>{}</time>', here.isoformat(), said
    )
