"""What models can do, in the reader's words: servers tell it in Ollama's."""

from django import template
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

register = template.Library()
WORDS = {
    "completion": gettext_noop("writes text"),
    "tools": gettext_noop("tools"),
    "vision": gettext_noop("sees pictures"),
    "thinking": gettext_noop("thinks first"),
    "embedding": gettext_noop("makes embeddings"),
    "insert": gettext_noop("fills gaps"),
    "audio": gettext_noop("hears sound"),
}


@register.filter
def capability(word: str) -> str:
    """A word that nobody here knows stays as it is."""
    return _(WORDS[word]) if word in WORDS else word
