"""Where each person is in a conversation: the branch they look at, what they have read."""

from django.db import transaction
from django.db.models import Max

from chat.branch import tree_of
from chat.models import Message, Participant
from chat.queries import message_in, place_of
from chat.services.conversations import lock
from dashboard.live.bus import publish
from dashboard.live.events import ConversationSeen, PlaceChanged
from dashboard.people.models import User


@transaction.atomic
def choose_branch(conversation_id: int, *, message_id: int, person: User) -> None:
    """Show the person the branch with that message, on all their pages."""
    conversation = lock(conversation_id)
    place = place_of(person, conversation_id)
    message = message_in(conversation, message_id)
    tip = tree_of(conversation_id).tip(message.pk)
    Participant.objects.filter(pk=place.pk).update(leaf=tip)
    publish(PlaceChanged(person.pk, conversation_id))


@transaction.atomic
def see(conversation_id: int, *, message_id: int, person: User) -> None:
    """Note that the person looks at the conversation, at a branch that ends there.

    All that was said in it so far is read. A message that is gone meanwhile, or that is
    on another branch than the one they have chosen since, moves nobody.
    """
    place = place_of(person, conversation_id)
    newest = newest_in(conversation_id)
    if place.leaf_id == message_id and place.read_to >= newest:
        return
    lock(conversation_id)
    place = place_of(person, conversation_id)
    tree = tree_of(conversation_id)
    path = tree.path(message_id) if message_id in tree else []
    leaf = path[-1] if path and place.leaf_id in (None, *path) else place.leaf_id
    Participant.objects.filter(pk=place.pk).update(leaf=leaf, read_to=newest)
    publish(ConversationSeen(person.pk, conversation_id))


def stand(place: Participant, *, at: int) -> None:
    """Move a person to the end of a branch, which they have just made."""
    Participant.objects.filter(pk=place.pk).update(leaf=at, read_to=at)


def take_along(place: Participant, *, old: int, new: int) -> None:
    """Move whoever looks at a reply that broke off to the one that takes its place."""
    there = Participant.objects.filter(conversation=place.conversation_id, leaf=old)
    there.update(leaf=new)


def newest_in(conversation_id: int) -> int:
    rows = Message.objects.filter(conversation=conversation_id)
    return rows.aggregate(newest=Max("pk"))["newest"] or 0
