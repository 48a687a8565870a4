"""How numbers of a reply are written."""

from django import template
from django.utils.formats import localize

register = template.Library()


@register.filter
def seconds(milliseconds: int) -> str:
    """Milliseconds as seconds: two digits after the point below ten, then one."""
    value = milliseconds / 1000
    return str(localize(round(value, 2 if value < 10 else 1)))
