"""An administrator's stop for a generation, whosever it is and wherever it runs or waits."""

from chat.models import Message
from chat.services.replies import request_stop_as_admin
from dashboard.errors import NotAllowed
from dashboard.people.models import User
from models_app.rights import sees_all
from models_app.serving.slots.reading import stop_ticket


def stop_generation(ticket: str, *, by: User) -> bool:
    """Have it end within a second; False where it is over.

    While Redis is away its writer hears of it by the row of the reply.
    """
    if not sees_all(by):
        raise NotAllowed
    if not ticket:
        return False
    return stop_ticket(ticket, by=by.pk) or _stop_reply(ticket, by=by)


def _stop_reply(ticket: str, *, by: User) -> bool:
    reply = Message.objects.open().filter(ticket=ticket).first()
    return reply is not None and request_stop_as_admin(reply.pk, by=by)
