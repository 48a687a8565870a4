"""One pull from its first step to its closed row, with a server that follows a script."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

import pytest
from channels.layers import get_channel_layer
from django.db import connection

from dashboard.errors import DiskFull
from dashboard.live.db import in_db
from dashboard.live.events import HOUSE
from models_app.adapters.base import PullStep
from models_app.models import Pull
from models_app.pulling import Times, run_pull
from models_app.services.pulls import hand_on_abandoned, request_stop
from tests.fakes.scripted import HANG, KIND, Clock, Line, Script, layer, scripted
from tests.make import make_backend, make_pull

pytestmark = pytest.mark.django_db(transaction=True)

QUICK = 0.005
"""Seconds of a tick; the clock that limits are measured by does not go on by itself."""


async def pulled(
    *takes: Sequence[Line],
    clock: Clock | None = None,
    working: Callable[[], bool] = lambda: True,
    **fields: Any,
) -> tuple[Pull, Script]:
    """The row after one run, and what the server was asked."""
    with scripted(*takes) as script:
        pull = await in_db(opened)(**fields)
        async with asyncio.timeout(10):
            await run_pull(pull.pk, working, Times(clock or Clock(), tick=QUICK))
    return await now(pull), script


def opened(**fields: Any) -> Pull:
    return make_pull(backend=make_backend(kind=KIND, name="gpu-01"), **fields)


async def now(pull: Pull) -> Pull:
    return await in_db(Pull.objects.get)(pk=pull.pk)


async def until(pull: Pull, done: Callable[[Pull], bool]) -> None:
    async with asyncio.timeout(10):
        while not done(await now(pull)):
            await asyncio.sleep(QUICK)


async def test_a_pull_that_ends_well_is_whole_whatever_its_lines_summed_up_to() -> None:
    pull, script = await pulled([layer(10), layer(97), PullStep("success")])

    assert (pull.status, pull.done, pull.total) == ("done", 100, 100)
    assert (pull.percent, pull.said) == (100, "success")
    assert script.jobs == [""]


async def test_a_pull_that_is_not_waiting_is_left_alone() -> None:
    pull, script = await pulled([layer(1)], status="done")

    assert (pull.turn, script.jobs) == (0, [])


async def test_what_is_delivered_twice_is_pulled_once() -> None:
    with scripted([layer(1), HANG]) as script:
        pull = await in_db(opened)()
        times = Times(Clock(), tick=QUICK)
        first = asyncio.create_task(run_pull(pull.pk, times=times))
        await until(pull, lambda row: row.done == 1)

        await run_pull(pull.pk, times=times)

        assert not first.done()
        await in_db(request_stop)(pull.pk, by=None)
        await first
    assert script.jobs == [""]


async def test_a_failure_is_kept_with_its_code_and_facts() -> None:
    full = DiskFull(server="gpu-01", name="tiny")

    pull, _ = await pulled([layer(40), full])

    assert (pull.status, pull.done) == ("failed", 40)
    assert (pull.error_code, pull.error_facts) == ("disk_full", full.facts)


async def test_a_bug_closes_the_row_as_well() -> None:
    pull, _ = await pulled([layer(40), ZeroDivisionError()])

    assert (pull.status, pull.error_code) == ("failed", "failed")


async def test_a_key_that_cannot_be_read_fails_the_pull() -> None:
    with scripted([]):
        pull = await in_db(opened)()
        pull.backend.sealed_key = "not ours"
        await in_db(pull.backend.save)()
        await run_pull(pull.pk)

    assert (await now(pull)).error_code == "key_unreadable"


async def test_a_cancelled_pull_hangs_up_and_has_the_server_let_go() -> None:
    with scripted([layer(40), HANG]) as script:
        pull = await in_db(opened)()
        running = asyncio.create_task(
            run_pull(pull.pk, times=Times(Clock(), tick=QUICK))
        )
        await until(pull, lambda row: row.done == 40)

        await in_db(request_stop)(pull.pk, by=None)
        await asyncio.wait_for(running, 2)

    assert (await now(pull)).status == "cancelled"
    assert (script.hung_up, script.cancelled) == (1, ["tiny"])


async def test_a_pull_without_a_new_byte_is_asked_for_again_and_goes_on() -> None:
    clock = Clock()
    stalls: list[Line] = [
        layer(40),
        PullStep("pulling", job="job_1"),
        layer(40),
        clock.forward(61),
        HANG,
    ]

    pull, script = await pulled(stalls, [layer(40), layer(60)], clock=clock)

    assert (pull.status, pull.done, pull.retries) == ("done", 100, 1)
    assert (script.jobs, script.hung_up) == (["", "job_1"], 1)


async def test_a_pull_that_stalls_three_times_more_is_given_up() -> None:
    clock = Clock()

    pull, script = await pulled([layer(40), clock.forward(61), HANG], clock=clock)

    assert (pull.status, pull.error_code) == ("failed", "pull_stalled")
    assert pull.error_facts == {"server": "gpu-01", "name": "tiny", "times": 3}
    assert len(script.jobs) == 4


async def test_a_stall_after_new_bytes_counts_anew() -> None:
    clock = Clock()
    stalls: list[list[Line]] = [
        [layer(each), clock.forward(61), HANG] for each in range(6)
    ]

    pull, _ = await pulled(*stalls, [layer(99)], clock=clock)

    assert (pull.status, pull.retries) == ("done", 6)


async def test_a_server_that_verifies_is_not_hurried() -> None:
    clock = Clock()
    verifying = PullStep("verifying sha256 digest")

    pull, script = await pulled(
        [layer(97), verifying, clock.forward(600), PullStep("success")], clock=clock
    )

    assert (pull.status, len(script.jobs)) == ("done", 1)


def rename_table(before: str, after: str) -> None:
    """Every question about pulls begins, or ceases, to fail."""
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {before} RENAME TO {after}")


async def test_a_database_that_is_away_for_a_while_ends_no_download(
    caplog: pytest.LogCaptureFixture,
) -> None:
    table, back = Pull._meta.db_table, asyncio.Event()
    with scripted([layer(40), back, layer(70)]) as script:
        pull = await in_db(opened)()
        running = asyncio.create_task(
            run_pull(pull.pk, times=Times(Clock(), tick=QUICK))
        )
        await until(pull, lambda row: row.done == 40)
        await in_db(rename_table)(table, "gone")
        while "goes on unsaved" not in caplog.text:
            await asyncio.sleep(QUICK)
        await in_db(rename_table)("gone", table)
        back.set()
        await asyncio.wait_for(running, 10)

    assert (await now(pull)).status == "done"
    assert len(script.jobs) == 1


async def test_a_worker_that_is_told_to_end_leaves_its_pull_to_the_next() -> None:
    told: list[int] = []
    ends: list[Line] = [layer(40), lambda: told.append(1), HANG]

    pull, script = await pulled(ends, working=lambda: not told)

    assert (pull.status, script.cancelled) == ("queued", [])
    assert script.hung_up == 1


async def test_a_puller_that_lost_its_pull_hangs_up_and_changes_nothing() -> None:
    with scripted([layer(40), HANG]) as script:
        pull = await in_db(opened)()
        running = asyncio.create_task(
            run_pull(pull.pk, times=Times(Clock(), tick=QUICK))
        )
        await until(pull, lambda row: row.done == 40)

        await in_db(Pull.objects.update)(turn=2)
        await asyncio.wait_for(running, 2)

    assert (await now(pull)).status == "running"
    assert (script.hung_up, script.cancelled) == (1, [])


@asynccontextmanager
async def hearing() -> AsyncIterator[Callable[[], Awaitable[dict[str, Any]]]]:
    """What every page of the house is told while the block runs, one after the other."""
    bus = get_channel_layer()
    channel = await bus.new_channel()
    await bus.group_add(HOUSE, channel)

    async def next_frame() -> dict[str, Any]:
        frame: dict[str, Any] = json.loads((await bus.receive(channel))["frame"])
        return frame

    yield next_frame
    await bus.group_discard(HOUSE, channel)


async def test_pages_hear_of_a_chatty_server_once_a_tick_and_no_more() -> None:
    tick, heard = 0.05, list[dict[str, Any]]()
    pairs = ((layer(each, 10_000), lambda: None) for each in range(10_000))
    with scripted([line for pair in pairs for line in pair]):
        pull = await in_db(opened)()
        async with hearing() as next_frame:
            began = time.monotonic()
            await run_pull(pull.pk, times=Times(tick=tick))
            ticks = (time.monotonic() - began) / tick
            while not heard or heard[-1]["status"] != "done":
                heard.append(await asyncio.wait_for(next_frame(), 5))

    assert heard[0]["status"] == "running"
    assert len(heard) <= ticks + 3
    done = [each["done"] for each in heard]
    assert done == sorted(done)


async def test_a_pull_that_was_handed_on_is_closed_by_whoever_goes_on() -> None:
    pull, _ = await pulled([layer(40), lambda: None, HANG], working=lambda: False)

    with scripted([layer(40), layer(100)]) as script:
        await in_db(hand_on_abandoned)(now=pull.beat_at)
        await run_pull(pull.pk, times=Times(tick=QUICK))

    assert (await now(pull)).status == "done"
    assert script.jobs == [""]
