"""Events were lost, and with them the end of a right: nobody hears what is not theirs."""

import pytest
from channels.testing import WebsocketCommunicator

from chat.models import Conversation, Participant
from dashboard.live.bus import emit
from dashboard.live.db import in_db
from dashboard.live.events import TypingChanged
from dashboard.people.models import User
from tests.fakes.conversing import come_back, heard, joined
from tests.make import make_conversation, make_person

pytestmark = pytest.mark.django_db(transaction=True)


def remove_silently(conversation: Conversation, person: User) -> None:
    """As a removal whose event nobody heard."""
    Participant.objects.filter(conversation=conversation, person=person).delete()


async def join_again(page: WebsocketCommunicator, conversation: int) -> None:
    await page.send_json_to({"kind": "conversation.join", "conversation": conversation})


async def test_after_a_gap_only_those_who_may_hear_a_conversation_hear_it() -> None:
    owner, member = await in_db(make_person)(), await in_db(make_person)()
    room = await in_db(make_conversation)(owner, member)
    stays, removed = await joined(room, owner), await joined(room, member)
    await in_db(remove_silently)(room, member)

    come_back()

    await heard(stays, until="refetch")
    await heard(removed, until="refetch")
    await join_again(stays, room.pk)
    await heard(stays, until="conversation.joined")
    await emit(TypingChanged(room.pk, owner.pk, "Ada"))
    await heard(stays, until="typing.changed")
    await join_again(removed, room.pk)
    answer = await removed.receive_json_from(timeout=5)
    assert (answer["kind"], answer["code"]) == ("command.failed", "not_found")
    for page in (stays, removed):
        await page.disconnect()
