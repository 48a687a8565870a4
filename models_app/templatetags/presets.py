"""What is said of the lines of presets."""

from django import template

from dashboard.sentences import Remark, phrase

register = template.Library()


@register.filter(name="phrase")
def phrase_of(remark: Remark) -> str:
    """What is wrong with a line, or not heeded of it, in the reader's language."""
    return phrase(remark)
