"""Who else could read what was too much for a model."""

from django import template

from dashboard.people.models import User
from models_app.wider import larger_model_for

register = template.Library()


@register.simple_tag
def larger_model(person: User, tokens: int) -> str:
    """The name of a model that the person may use and that reads so much; "" for none."""
    return larger_model_for(person, tokens)
