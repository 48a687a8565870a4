"""What people have typed and not sent: kept, so that no closed page loses it."""

from django.conf import settings
from django.utils import timezone

from chat.models import Unsent
from chat.queries import place_of
from dashboard.people.models import User


def keep_draft(person: User, *, conversation_id: int, text: str) -> None:
    """Keep the text for the person's next look; an empty one is forgotten."""
    conversation = None
    if conversation_id:
        conversation = place_of(person, conversation_id).conversation
    text = storable(text)[: settings.MESSAGE_MAX_LENGTH]
    if text.strip():
        Unsent.objects.update_or_create(
            person=person,
            conversation=conversation,
            defaults={"text": text, "typed_at": timezone.now()},
        )
    else:
        Unsent.objects.filter(person=person, conversation=conversation).delete()


def storable(text: str) -> str:
    """PostgreSQL stores no NUL, and nothing stores half of a surrogate pair."""
    return text.replace("\0", "").encode(errors="replace").decode()
