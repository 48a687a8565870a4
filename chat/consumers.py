"""What a page's socket may ask of the chat."""

from collections.abc import Mapping

from chat.generation import generate
from chat.queries import conversation_for
from chat.services.replies import request_stop
from chat.services.turns import start_turn
from dashboard.live.background import in_background
from dashboard.live.commands import (
    Command,
    JoinConversation,
    SendMessage,
    StopMessage,
)
from dashboard.live.consumer import Handler, LiveConsumer
from dashboard.live.db import in_db
from dashboard.live.events import conversation_group
from dashboard.people.models import User


async def join(socket: LiveConsumer, person: User, command: JoinConversation) -> None:
    conversation = await in_db(conversation_for)(person, command.conversation)
    await socket.join(conversation_group(conversation.pk))
    await socket.tell({"kind": "conversation.joined", "conversation": conversation.pk})


async def send(socket: LiveConsumer, person: User, command: SendMessage) -> None:
    turn = await in_db(start_turn)(
        command.conversation,
        person=person,
        text=command.text,
        key=command.key,
        target=command.target,
    )
    if turn:
        in_background(generate(turn))


async def stop(socket: LiveConsumer, person: User, command: StopMessage) -> None:
    await in_db(request_stop)(
        command.conversation, message_id=command.message, person=person
    )


HANDLERS: Mapping[type[Command], Handler] = {
    JoinConversation: join,
    SendMessage: send,
    StopMessage: stop,
}
