"""One line on what is behind a conversation's model: its host, its card, how busy it is."""

import time

from chat.queries import place_of
from dashboard.errors import ChatError
from dashboard.model_places import Place, place_of_model
from dashboard.people.models import User
from dashboard.status.board import shown_nodes
from models_app.queries import target_for


def place_behind(person: User, conversation: int) -> Place | None:
    """Of a conversation that the person is in; None where nothing is known."""
    return place_of_target(person, place_of(person, conversation).conversation.target)


def place_of_target(person: User, key: str) -> Place | None:
    now = time.time()
    try:
        target = target_for(person, key)
    except ChatError:
        return None
    return place_of_model(person, target, hosts=shown_nodes(now), now=now)
