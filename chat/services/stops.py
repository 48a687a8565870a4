"""An administrator's stop for a generation, whosever it is and wherever it runs or waits."""

from chat.models import Message
from chat.services.replies import request_stop_as_admin, request_stop_unasked
from dashboard.errors import NotAllowed
from dashboard.people.models import User
from models_app.rights import sees_all
from models_app.serving.ask import Origin
from models_app.serving.slots.reading import stop_ticket, tickets_now
from models_app.serving.slots.wishes import RANKS, TicketNow


def stop_generation(ticket: str, *, by: User) -> bool:
    """Have it end within a second, for good; False where it is over.

    While Redis is away its writer hears of it by the row of the reply.
    """
    if not sees_all(by):
        raise NotAllowed
    if not ticket:
        return False
    waited = _stop_waiting(ticket, by=by)
    return stop_ticket(ticket, by=by.pk) or waited or _stop_reply(ticket, by=by)


def _stop_waiting(ticket: str, *, by: User) -> bool:
    """Stop the reply that a ticket waits for: its process may have died, and another one
    would ask for it anew. Its row does not name the ticket yet."""
    for each in tickets_now():
        place = each.facts.get("conversation")
        if each.ticket == ticket and isinstance(place, int) and _is_reply(each):
            return request_stop_unasked(place, asked_by=each.person, by=by)
    return False


def _is_reply(ticket: TicketNow) -> bool:
    """And not what the house asks for itself, as the title of a conversation."""
    return RANKS[ticket.rank] == Origin.PERSON


def _stop_reply(ticket: str, *, by: User) -> bool:
    reply = Message.objects.open().filter(ticket=ticket).first()
    return reply is not None and request_stop_as_admin(reply.pk, by=by)
