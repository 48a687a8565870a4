"""Deleting a branch of a conversation."""

from django.db import transaction

from chat.branch import tree_of
from chat.models import Message, Participant
from chat.queries import message_in, writer_in
from chat.services.conversations import audience_of, changed, lock, stops_of
from dashboard.errors import NotYours
from dashboard.live.bus import publish
from dashboard.live.events import BranchDeleted
from dashboard.people.models import User


@transaction.atomic
def delete_branch(conversation_id: int, *, message_id: int, person: User) -> None:
    """Delete a message and all under it; a reply that is being written there ends.

    The owner may; anybody else only while all that people wrote there is their own,
    otherwise `NotYours`.
    """
    place = writer_in(person, conversation_id)
    conversation = lock(conversation_id)
    message = message_in(conversation, message_id)
    branch = tree_of(conversation_id).under(message.pk)
    rows = Message.objects.filter(pk__in=branch)
    written = rows.filter(status=Message.Status.SAID)
    if not place.owns and (
        written.exclude(author=person).exists() or not _is_of(message, person)
    ):
        raise NotYours
    stops = stops_of(rows)
    there = Participant.objects.filter(leaf__in=branch)
    there.update(leaf=message.parent_id)
    rows.delete()
    publish(
        *stops,
        BranchDeleted(conversation_id, message_id),
        *changed(conversation, audience_of(conversation)),
    )


def _is_of(message: Message, person: User) -> bool:
    return person.pk in (message.author_id, message.asked_by_id)
