"""What became of an errand, in words."""

from django import template
from django.utils.text import capfirst
from django.utils.translation import gettext

from models_app.adapters.base import Can
from models_app.models import Errand
from models_app.pull_words import failure_told

register = template.Library()
LOOKS = {
    Errand.Status.DONE: "state-ok",
    Errand.Status.FAILED: "state-bad",
}


@register.filter
def failure(errand: Errand) -> str:
    """Why it failed."""
    return failure_told(errand.error_code, errand.error_facts)


@register.filter
def look(errand: Errand) -> str:
    """The class of its state."""
    return LOOKS.get(Errand.Status(errand.status), "state-warn")


@register.filter
def action(what: Can) -> str:
    """What can be done, as it is called on a page."""
    return str(capfirst(Errand.Action(what).label))


@register.filter
def why(reason: str) -> str:
    """A reason of a kind of server in the reader's language."""
    return gettext(reason)
