"""What is wrong with the hosts and servers behind a conversation, for those in it."""

from chat.queries import place_of
from dashboard.errors import ChatError
from dashboard.people.models import User
from models_app.alerts.queries import ChatTrouble, chat_troubles
from models_app.queries import target_for
from models_app.snapshot import name_key, snapshot


def troubles_in(person: User, conversation: int) -> list[ChatTrouble]:
    """The same for a conversation that the person is in, whose model may be another by now."""
    return troubles_of(person, place_of(person, conversation).conversation.target)


def troubles_of(person: User, target: str) -> list[ChatTrouble]:
    """What slows down or stops replies of a target; mostly there are none.

    Only the servers that the person may use are looked at, and named.
    """
    try:
        model = target_for(person, target).model
    except ChatError:
        return []
    served = snapshot(person).models.get(name_key(model), ())
    return chat_troubles({each.server.pk for each in served})
