"""People at the door to the GPUs, put there as a process of the house would."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

import pytest

from chat.models import Conversation
from dashboard.live.bus import link
from dashboard.people.models import User
from models_app.adapters.base import ChatMessage
from models_app.models import Backend
from models_app.serving.ask import Ask, Origin
from models_app.serving.record import Record
from models_app.serving.slots.keeper import PREFIX, SCRIPT, asked, written
from models_app.serving.slots.wishes import Candidate, Held

ROOM = 99


@pytest.fixture
def empty_door() -> Iterator[None]:
    """Nobody is served or waits, before and afterwards."""
    forget_all()
    yield
    forget_all()


def forget_all() -> None:
    if keys := link().keys(f"{PREFIX}*"):
        link().delete(*keys)


def come_in(
    person: User,
    server: Backend,
    *,
    conversation: Conversation | None = None,
    model: str = "tiny",
    origin: Origin = Origin.PERSON,
    room: int = ROOM,
    others: Iterable[Backend] = (),
    **facts: str | int | float | None,
) -> str:
    """The ticket of a generation that the server has room for; without room it waits for
    that one or the others."""
    place = conversation.pk if conversation else None
    hello = (ChatMessage("user", "hello"),)
    record = Record(Ask(person, model, hello, origin=origin, conversation=place))
    asked_of = (server, *others)
    wish = record.wish(tuple(Candidate(each.pk, room) for each in asked_of))
    script = link().register_script(SCRIPT)
    wish = replace(wish, facts={**wish.facts, **facts})
    held = written(Held(wish, owner="a process"))
    script(keys=[PREFIX], args=asked("enter", [held]))
    return record.ticket


def wait_in_line(person: User, conversation: Conversation | None = None) -> str:
    """The ticket of somebody who waits for a server that has no room."""
    return come_in(person, Backend(pk=0), conversation=conversation, room=0)
