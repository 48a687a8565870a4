"""An administrator's stop for whatever is generated."""

import asyncio
from contextlib import aclosing

import pytest

from chat.generation import generate
from chat.services.stops import stop_generation
from chat.services.turns import Turn
from dashboard.errors import EndedByAdmin, NotAllowed
from dashboard.live.background import in_background
from dashboard.live.db import in_db
from dashboard.people.models import User
from models_app.adapters.base import ChatMessage
from models_app.gateway.refusals import words_for
from models_app.models import Backend, Generation
from models_app.serving.ask import Ask, Origin
from models_app.serving.serve import serve
from models_app.serving.settling import all_settled
from models_app.serving.slots.reading import tickets_now
from models_app.snapshot import forget
from tests.at_door import come_in
from tests.fakes.conversing import (
    CHAT,
    begin,
    begun,
    closed,
    room,
    stream,
    until_text,
)
from tests.fakes.replay import Answer, End, replaying
from tests.make import make_admin, make_backend, make_conversation, make_reply

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("serving", "empty_door"),
]
HANGS = {CHAT: Answer(stream("so far", finish=False), end=End.HANG)}


async def stopped(turn: Turn, *, waits: bool) -> User:
    """The administrator who ended the reply of the turn at the door."""
    admin = await in_db(make_admin)("ada")
    async with asyncio.timeout(5):
        while not (found := await in_db(ticket_of)(turn, waits=waits)):
            await asyncio.sleep(0.01)
    assert await in_db(stop_generation)(found, by=admin)
    return admin


def ticket_of(turn: Turn, *, waits: bool) -> str:
    for each in tickets_now():
        theirs = each.facts["conversation"] == turn.conversation
        if theirs and (each.backend is None) == waits:
            return each.ticket
    return ""


async def test_a_stopped_reply_keeps_its_text_and_says_by_whom() -> None:
    async with replaying(HANGS) as server:
        turn, _ = await begun(server.url)
        writing = in_background(generate(turn))
        await until_text(turn)

        admin = await stopped(turn, waits=False)
        await asyncio.wait_for(writing, 5)

        await asyncio.wait_for(server.hung_up.wait(), 5)
    reply = await closed(turn)
    assert (reply.status, reply.text, reply.error_code) == ("stopped", "so far", "")
    assert reply.stopped_by_id == admin.pk


async def test_whoever_waits_is_stopped_in_the_line() -> None:
    async with replaying(HANGS) as server:
        first, owner = await begun(server.url)
        await in_db(Backend.objects.update)(max_parallel=1)
        forget()
        runs = in_background(generate(first))
        await until_text(first)
        place = await in_db(make_conversation)(owner)
        turn = await in_db(begin)(place, owner)
        writing = in_background(generate(turn))

        admin = await stopped(turn, waits=True)
        await asyncio.wait_for(writing, 5)
        runs.cancel()
        await asyncio.wait({runs})

    reply = await closed(turn)
    assert (reply.status, reply.stopped_by_id, reply.text) == ("stopped", admin.pk, "")


async def test_the_ledger_has_it_as_stopped_and_not_as_failed() -> None:
    async with replaying(HANGS) as server:
        turn, _ = await begun(server.url)
        writing = in_background(generate(turn))
        await until_text(turn)
        await stopped(turn, waits=False)
        await asyncio.wait_for(writing, 5)

    await all_settled()
    row = await in_db(Generation.objects.get)()
    assert (row.status, row.error_code) == ("stopped", "ended_by_admin")


async def asked_by_program(person: User) -> None:
    hello = (ChatMessage("user", "Hi"),)
    async with aclosing(serve(Ask(person, "tiny", hello, origin=Origin.API))) as steps:
        async for _ in steps:
            pass


async def test_a_program_is_told_who_stopped_it() -> None:
    async with replaying(HANGS) as server:
        _, owner = await in_db(room)(server.url)
        asking = in_background(asked_by_program(owner))
        admin = await in_db(make_admin)("ada")
        async with asyncio.timeout(5):
            while not (found := await in_db(tickets_now)()):
                await asyncio.sleep(0.01)

        await in_db(stop_generation)(found[0].ticket, by=admin)

        with pytest.raises(EndedByAdmin) as ended:
            await asyncio.wait_for(asking, 5)
    told = "This was stopped on gpu-01 by ada, an administrator."
    assert words_for(ended.value) == told


def test_what_is_over_is_not_stopped(admin: User) -> None:
    assert not stop_generation("gone", by=admin)


def test_only_an_administrator_stops_what_is_anothers(person: User) -> None:
    ticket = come_in(person, make_backend())

    with pytest.raises(NotAllowed):
        stop_generation(ticket, by=person)


def test_a_reply_that_is_not_at_the_door_is_stopped_by_its_row(admin: User) -> None:
    reply = make_reply(make_conversation(admin), ticket="apart")

    assert stop_generation("apart", by=admin)

    reply.refresh_from_db()
    assert (reply.stop_requested, reply.stopped_by) == (True, admin)


def test_a_reply_that_waits_is_stopped_for_good_though_its_process_died(
    admin: User, person: User
) -> None:
    place = make_conversation(person)
    reply = make_reply(place, asked_by=person)
    ticket = come_in(person, make_backend(), conversation=place, room=0)

    assert stop_generation(ticket, by=admin)

    reply.refresh_from_db()
    assert (reply.stop_requested, reply.stopped_by) == (True, admin)


def test_what_the_house_asks_for_itself_is_stopped_and_no_reply(
    admin: User, person: User
) -> None:
    place = make_conversation(person)
    reply = make_reply(place, asked_by=person)
    server, origin = make_backend(), Origin.BACKGROUND
    ticket = come_in(person, server, conversation=place, origin=origin, room=0)

    assert stop_generation(ticket, by=admin)

    reply.refresh_from_db()
    assert not reply.stop_requested
