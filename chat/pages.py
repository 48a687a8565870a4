"""What the templates of the chat are given."""

from functools import partial
from typing import Any

from django.utils import timezone

from chat.affected import troubles_of
from chat.branch import tree_of
from chat.days import by_day
from chat.lines import first_unread, line_in, lines_before, newest_lines
from chat.listing import MOST_PAGES, Wish, conversations_for
from chat.models import Conversation, Message, Participant, Unsent
from chat.picker import options_for
from chat.queries import (
    last_target_of,
    message_in,
    participants_of,
    place_of,
    recent_openings_of,
    writer_in,
)
from chat.services.turns import How
from dashboard.errors import NotFound
from dashboard.people.models import User
from models_app.pull_queries import unread_answers, waiting_wishes
from models_app.queries import (
    first_target_for,
    offered_key,
    offered_servers,
    only_the_starter,
)
from models_app.snapshot import look_anew

Context = dict[str, Any]

SHOWN_OPENINGS = 3
"""How many the head of a conversation tells of; the page of its people tells of all."""


def side(person: User, wish: Wish | None = None) -> Context:
    """The list of conversations, or the part of it that the person wishes to see."""
    wish = wish or Wish()
    listing = conversations_for(person, wish)
    groups = by_day(listing.rows, today=timezone.localdate())
    return {
        "wish": wish,
        "listing": listing,
        "groups": groups,
        "most_pages": MOST_PAGES,
        # Asked only where it is shown: the list is fetched more often than the page.
        "unread": partial(unread_answers, person),
        "wishes": partial(waiting_wishes, person),
    }


def choices(person: User, chosen: str) -> Context:
    """The picker; without a choice it proposes the first target that answers."""
    look_anew()
    offered = offered_key(person, chosen)
    proposed = None if chosen else first_target_for(person)
    selected = proposed.key if proposed else offered
    return {
        "options": options_for(person, chosen=selected),
        "gone": "" if offered else chosen,
    }


def new_chat(person: User, wished: str = "") -> Context:
    """A new chat with the target that is wished for, or with the one chosen last."""
    offers = offered_servers() if person.is_superuser else []
    picked = choices(person, wished or last_target_of(person))
    if picked["gone"]:
        picked = choices(person, "")
    return {
        **side(person),
        **picked,
        "starter": only_the_starter(person),
        "offers": offers,
        "text": unsent_by(person, None),
    }


def open_conversation(person: User, pk: int, *, before: int = 0) -> Context:
    place = place_of(person, pk)
    stretch = lines_before(place, before) if before else newest_lines(place)
    return {
        **side(person),
        **choices(person, place.conversation.target),
        **_head(place),
        "stretch": stretch,
        "before": before,
        "new_from": first_unread(place, stretch),
        "troubles": troubles_of(person, place.conversation.target),
        "at": stretch.leaf,
        "how": How.FOLLOW,
        "text": unsent_by(person, place.conversation),
    }


def head_of(person: User, pk: int) -> Context:
    return _head(place_of(person, pk))


def unsent_by(person: User, conversation: Conversation | None) -> str:
    """What the person had typed there and not sent."""
    kept = Unsent.objects.filter(person=person, conversation=conversation)
    return kept.values_list("text", flat=True).first() or ""


def another_model(person: User, pk: int, message: int) -> Context:
    """A reply, and who else could answer."""
    place = writer_in(person, pk)
    conversation = place.conversation
    reply = message_in(conversation, message)
    if reply.parent is None or reply.status == Message.Status.OPEN:
        raise NotFound
    other = first_target_for(person, but=reply.target)
    return {
        **beside(person, place),
        **choices(person, other.key if other else ""),
        "other": other,
        "asked": line_in(reply.parent),
        "line": line_in(reply),
    }


def other_words(person: User, pk: int, message: int, *, how: How) -> Context:
    """A message, and the form for what begins a branch beside it, or under it."""
    place = writer_in(person, pk)
    named = message_in(place.conversation, message)
    if how == How.EDIT and named.is_reply:
        raise NotFound
    return {
        **beside(person, place),
        **choices(person, place.conversation.target),
        "line": line_in(named),
        "at": named.pk,
        "how": how,
        "text": named.text if how == How.EDIT else "",
    }


def branch_to_delete(person: User, pk: int, message: int) -> Context:
    place = writer_in(person, pk)
    named = message_in(place.conversation, message)
    return {
        **beside(person, place),
        "line": line_in(named),
        "count": len(tree_of(pk).under(named.pk)),
    }


def _head(place: Participant) -> Context:
    return {
        "conversation": place.conversation,
        "place": place,
        "participants": participants_of(place.conversation),
        "openings": recent_openings_of(place.conversation)[:SHOWN_OPENINGS],
        "here": place.conversation_id,
    }


def beside(person: User, place: Participant) -> Context:
    """For the pages that stand beside a conversation."""
    conversation = place.conversation
    return {
        **side(person),
        "conversation": conversation,
        "place": place,
        "here": conversation.pk,
    }
