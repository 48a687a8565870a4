"""What is said of the lines of presets."""

from django import template

from dashboard.sentences import Remark, phrase, sentence_for
from models_app.models import Pull

register = template.Library()


@register.filter(name="phrase")
def phrase_of(remark: Remark) -> str:
    """What is wrong with a line, or not heeded of it, in the reader's language."""
    return phrase(remark)


@register.filter
def failure(pull: Pull) -> str:
    """Why it did not end well."""
    return sentence_for(pull.error_code, pull.error_facts)
