"""What a page's socket may ask of the chat."""

from collections.abc import Mapping

from chat.generation import begin_writing
from chat.queries import conversation_for
from chat.services.again import continue_reply, retry_reply
from chat.services.replies import request_stop
from chat.services.turns import Turn, start_turn
from dashboard.live.commands import (
    Command,
    ContinueMessage,
    JoinConversation,
    RetryMessage,
    SendMessage,
    StopMessage,
)
from dashboard.live.consumer import Handler, LiveConsumer
from dashboard.live.events import conversation_group
from dashboard.people.models import User


def find(person: User, command: JoinConversation) -> int:
    return conversation_for(person, command.conversation).pk


async def join(socket: LiveConsumer, conversation: int) -> None:
    await socket.join(conversation_group(conversation))
    await socket.tell({"kind": "conversation.joined", "conversation": conversation})


def send(person: User, command: SendMessage) -> Turn | None:
    return start_turn(
        command.conversation,
        person=person,
        text=command.text,
        key=command.key,
        target=command.target,
    )


async def answer(socket: LiveConsumer, turn: Turn | None) -> None:
    begin_writing(turn)


def stop(person: User, command: StopMessage) -> None:
    request_stop(command.conversation, message_id=command.message, person=person)


def retry(person: User, command: RetryMessage) -> Turn:
    return retry_reply(
        command.conversation,
        message_id=command.message,
        person=person,
        target=command.target,
    )


def go_on(person: User, command: ContinueMessage) -> Turn:
    return continue_reply(
        command.conversation, message_id=command.message, person=person
    )


HANDLERS: Mapping[type[Command], Handler] = {
    JoinConversation: Handler(find, then=join),
    SendMessage: Handler(send, then=answer),
    StopMessage: Handler(stop),
    RetryMessage: Handler(retry, then=answer),
    ContinueMessage: Handler(go_on, then=answer),
}
