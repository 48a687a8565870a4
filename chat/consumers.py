"""What a page's socket may ask of the chat."""

import asyncio
from collections.abc import Mapping
from functools import partial

from chat.generation import begin_writing
from chat.presence import Presence, arrive, depart
from chat.queries import conversation_for, writer_in
from chat.services.again import continue_reply, retry_reply
from chat.services.drafts import keep_draft
from chat.services.places import choose_branch, see
from chat.services.replies import request_stop
from chat.services.turns import How, Spot, Turn, Words, begin_turn, start_turn
from dashboard.errors import BadCommand, NotFound
from dashboard.live.bus import emit, envelope
from dashboard.live.commands import (
    BeInConversation,
    ChooseBranch,
    Command,
    ContinueMessage,
    JoinConversation,
    KeepDraft,
    RetryMessage,
    SeeConversation,
    SendMessage,
    StartConversation,
    StopMessage,
    Type,
)
from dashboard.live.consumer import Handler, LiveConsumer, served
from dashboard.live.db import in_db
from dashboard.live.events import (
    ConversationLeft,
    PresenceChanged,
    TypingChanged,
    conversation_group,
)
from dashboard.people.models import User


def find(person: User, command: JoinConversation) -> int:
    return conversation_for(person, command.conversation).pk


async def join(socket: LiveConsumer, conversation: int) -> None:
    """Join, and look once more: whoever was removed meanwhile has not heard of it."""
    group = conversation_group(conversation)
    await socket.join(group)
    try:
        again = JoinConversation(conversation)
        await in_db(served)(Handler(find), socket.person_id, again)
    except Exception:
        await socket.leave(group)
        raise
    await socket.tell({"kind": "conversation.joined", "conversation": conversation})


def still_in(person: User, command: BeInConversation) -> int | ConversationLeft:
    """The conversation, or that the person left it: they may not have heard of it."""
    try:
        return conversation_for(person, command.conversation).pk
    except NotFound:
        return ConversationLeft(person.pk, command.conversation)


async def beat(socket: LiveConsumer, conversation: int | ConversationLeft) -> None:
    """Note the heartbeat, tell the page who is there, and all of them what is new."""
    if isinstance(conversation, ConversationLeft):
        await socket.live_left(envelope(conversation))
        return
    who = {"person": socket.person_id, "page": socket.channel_name}
    presence = await asyncio.to_thread(arrive, conversation, **who)
    if socket.gone:
        await _leave(conversation, **who)
        return
    socket.goodbyes["presence"] = partial(_leave, conversation, **who)
    event = PresenceChanged(conversation, presence.people)
    await socket.put(event.frame())
    await _tell(conversation, presence)


async def _leave(conversation: int, *, person: int, page: str) -> None:
    gone = partial(depart, conversation, person=person, page=page)
    await _tell(conversation, await asyncio.to_thread(gone))


async def _tell(conversation: int, presence: Presence) -> None:
    if presence.changed:
        await emit(PresenceChanged(conversation, presence.people))


def type_in(person: User, command: Type) -> TypingChanged:
    place = writer_in(person, command.conversation)
    return TypingChanged(place.conversation_id, person.pk, person.name)


async def typing(socket: LiveConsumer, event: TypingChanged) -> None:
    await emit(event)


def send(person: User, command: SendMessage) -> Turn | None:
    if command.how not in [*How]:
        raise BadCommand(detail="field how")
    spot = Spot(command.at, command.how)
    words = Words(command.text, command.key, command.target, spot)
    return start_turn(command.conversation, person=person, words=words)


def start(person: User, command: StartConversation) -> Turn | None:
    words = Words(command.text, command.key, command.target)
    return begin_turn(person, words=words)[1]


async def answer(socket: LiveConsumer, turn: Turn | None) -> None:
    begin_writing(turn)


def look(person: User, command: SeeConversation) -> None:
    see(command.conversation, message_id=command.message, person=person)


def choose(person: User, command: ChooseBranch) -> None:
    choose_branch(command.conversation, message_id=command.message, person=person)


def keep(person: User, command: KeepDraft) -> None:
    keep_draft(person, conversation_id=command.conversation, text=command.text)


async def kept(socket: LiveConsumer, _: None) -> None:
    await socket.tell({"kind": "draft.kept"})


def stop(person: User, command: StopMessage) -> None:
    request_stop(command.conversation, message_id=command.message, person=person)


def retry(person: User, command: RetryMessage) -> Turn:
    return retry_reply(
        command.conversation,
        message_id=command.message,
        person=person,
        target=command.target,
        window=command.window,
    )


def go_on(person: User, command: ContinueMessage) -> Turn:
    return continue_reply(
        command.conversation, message_id=command.message, person=person
    )


HANDLERS: Mapping[type[Command], Handler] = {
    JoinConversation: Handler(find, then=join),
    StartConversation: Handler(start, then=answer),
    SeeConversation: Handler(look),
    BeInConversation: Handler(still_in, then=beat),
    Type: Handler(type_in, then=typing),
    KeepDraft: Handler(keep, then=kept),
    SendMessage: Handler(send, then=answer),
    ChooseBranch: Handler(choose),
    StopMessage: Handler(stop),
    RetryMessage: Handler(retry, then=answer),
    ContinueMessage: Handler(go_on, then=answer),
}
