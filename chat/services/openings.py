"""An administrator's look into a conversation: for a reason, for an hour, and seen."""

import logging
from datetime import timedelta

from django.contrib.admin.models import ADDITION, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.utils import timezone

from chat.models import Conversation, Opening
from chat.services.conversations import tell_participants
from dashboard.errors import NotAllowed, NotFound
from dashboard.people.models import User

log = logging.getLogger(__name__)

LASTS = timedelta(hours=1)
REASON_LEAST = 10
"""How many characters a reason has at the least."""


@transaction.atomic
def open_conversation_as_admin(conversation_id: int, *, by: User, reason: str) -> None:
    """Let an administrator read for an hour, note it for good, and tell its people."""
    if not by.is_superuser:
        raise NotAllowed
    conversation = Conversation.objects.filter(pk=conversation_id).first()
    if conversation is None:
        raise NotFound
    opening = Opening.objects.create(
        conversation=conversation,
        administrator=by,
        reason=reason,
        ends_at=timezone.now() + LASTS,
    )
    _note(opening, by)
    tell_participants(conversation)


def _note(opening: Opening, administrator: User) -> None:
    """In the log and in the admin's history, where nothing shows what was said."""
    number = opening.conversation_id
    name, reason = administrator.username, opening.reason
    log.warning("%s opened conversation %s to read it: %r", name, number, reason)
    LogEntry.objects.create(
        user=administrator,
        content_type=ContentType.objects.get_for_model(Opening),
        object_id=str(opening.pk),
        object_repr=str(opening.conversation),
        action_flag=ADDITION,
        change_message=reason,
    )
