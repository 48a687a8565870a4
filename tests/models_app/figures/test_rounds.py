"""Asking servers for their meters, over real sockets."""

import asyncio
import json
import time

import pytest

from dashboard.live.bus import link
from dashboard.live.db import in_db
from dashboard.people.models import User
from models_app.adapters.base import Meters
from models_app.figures.keeping import claim_round, figures_of, note_meters
from models_app.figures.metering import Reading, Streamed, reading_of
from models_app.figures.queries import (
    Lack,
    ServerFigures,
    Source,
    figures_now,
    keep_figures,
)
from models_app.figures.rounds import read_meters
from models_app.gpu.keys import WATCHED
from tests.at_door import come_in
from tests.fakes.heard import published
from tests.fakes.replay import Answer, End, replaying, told
from tests.make import make_backend, make_generation
from tests.recordings import recorded

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("no_status"),
]

LLAMA = recorded("llamacpp-metrics.txt")
BUSY = Answer(recorded("real-vllm-metrics-busy.txt"), kind="text/plain")


def meters(tokens: float, begun: float) -> Meters:
    waits = {"0": {0.5: begun, float("inf"): begun}}
    return Meters(2, 1, 0.25, generated={"0": tokens}, first_token=waits)


def readings(*shown: Meters) -> list[Reading]:
    return [
        reading_of(1000.0 + 10 * i, each.generated, each.first_token)
        for i, each in enumerate(shown)
    ]


def test_a_first_look_tells_what_is_now_and_that_the_rest_is_on_its_way() -> None:
    shown = meters(100, 5)

    figures = figures_of(shown, readings(shown))

    assert (figures.running, figures.waiting, figures.kv_cache) == (2, 1, 0.25)
    assert figures.tokens_per_second is None
    assert {*figures.reasons.values()} == {Lack.NOT_YET}


def test_a_second_look_tells_how_fast_it_writes_and_how_long_one_waits() -> None:
    first, second = meters(100, 5), meters(350, 9)

    figures = figures_of(second, readings(first, second))

    assert figures.tokens_per_second == 25
    assert figures.first_token_p50 == 0.25
    assert figures.first_token_p95 == pytest.approx(0.475)
    assert not figures.reasons


def test_without_a_reply_there_is_a_speed_of_nought_and_no_wait() -> None:
    shown = meters(100, 5)

    figures = figures_of(shown, readings(shown, shown))

    assert figures.tokens_per_second == 0
    assert figures.reasons["first_token_p95"] == Lack.NO_REPLIES


def test_a_server_without_meters_says_that_they_are_off() -> None:
    off = Meters(off=True)

    figures = figures_of(off, readings(off, off))

    assert {*figures.reasons.values()} == {Lack.OFF}


@pytest.mark.django_db
def test_pages_are_told_the_numbers_of_a_server_and_no_name() -> None:
    with published() as events:
        note_meters(7, meters(100, 5), now=1000.0)
        note_meters(7, meters(140, 5), now=1002.0)

    frame = json.loads(events[-1].frame())
    [server] = frame["servers"]
    assert (frame["kind"], server["backend"]) == ("servers.sampled", 7)
    assert (server["running"], server["tokens_per_second"]) == (2, 20)


@pytest.mark.django_db
def test_pages_are_told_beside_it_what_its_replies_tell() -> None:
    replies = ServerFigures(1000.0, first_token_p50=0.7, source=Source.REPLIES)
    keep_figures({7: replies})

    with published() as events:
        note_meters(7, Meters(running=1), now=1001.0)

    [server] = events[-1].servers
    assert (server["running"], server["first_token_p50"]) == (1, 0.7)


@pytest.mark.usefixtures("empty_door")
async def test_a_server_that_counts_late_is_as_fast_as_what_streams_from_it(
    person: User,
) -> None:
    """llama.cpp counts a reply when it is over."""
    answers = {"/props": told({}), "/metrics": Answer(LLAMA, kind="text/plain")}
    async with replaying(answers) as server:
        backend = await in_db(make_backend)(base_url=server.url, kind="llamacpp")
        now = time.time()
        await in_db(come_in)(person, backend, written=60, pace=30.0, paced_at=now)
        await read_meters()
        link().delete("paddock:status:asked:meters:idle")
        await read_meters()

    figures = figures_now()[backend.pk]
    assert (figures.tokens_per_second, figures.served) == (30, 1)


def test_what_came_since_a_ticket_told_last_is_nobody_elses() -> None:
    """The counter moves by all of it when the reply is over."""
    pk, now = make_backend().pk, time.time()
    note_meters(pk, meters(100, 5), now=now)
    ran = Streamed(30.0, {"a": 280})
    note_meters(pk, meters(100, 5), now=now + 2, streamed=ran)
    make_generation(ticket="a", completion_tokens=316)

    speeds = [
        note_meters(pk, meters(tokens, 6), now=now + after).tokens_per_second
        for tokens, after in ((416, 4), (416, 6), (436, 8))
    ]

    assert speeds == [0, 0, 10]


def test_rounds_are_each_fifteen_seconds_and_each_two_while_somebody_looks() -> None:
    assert claim_round("meters")
    assert not claim_round("meters")
    link().set(WATCHED, 1)
    assert claim_round("meters")
    assert not claim_round("meters")

    lives = [
        link().pttl(f"paddock:status:asked:meters:{how}") for how in ("idle", "watched")
    ]
    assert 14_000 < lives[0] <= 15_000
    assert 1_000 < lives[1] <= 2_000


async def test_a_server_is_asked_and_its_numbers_are_kept() -> None:
    async with replaying({"/metrics": BUSY}) as server:
        backend = await in_db(make_backend)(base_url=server.url, kind="vllm")
        await read_meters()

    figures = figures_now()[backend.pk]
    assert (figures.running, figures.waiting) == (8, 4)
    assert figures.source == Source.METRICS


async def test_only_those_that_have_meters_and_answer_are_asked() -> None:
    async with replaying({"/metrics": BUSY}) as server:
        for fields in (
            {"kind": "openai"},
            {"kind": "vllm", "enabled": False},
            {"kind": "vllm", "failure_code": "backend_unreachable"},
        ):
            await in_db(make_backend)(base_url=server.url, **fields)
        await read_meters()

    assert server.asked == []
    [down] = figures_now().values()
    assert down.reasons["running"] == Lack.SILENT


async def test_a_hung_server_keeps_no_other_from_being_asked() -> None:
    hung = Answer(end=End.HANG)
    async with (
        replaying({"/metrics": hung}) as slow,
        replaying({"/metrics": BUSY}) as fine,
    ):
        await in_db(make_backend)(base_url=slow.url, kind="vllm")
        quick = await in_db(make_backend)(base_url=fine.url, kind="vllm")
        asking = asyncio.create_task(read_meters())

        async with asyncio.timeout(3):
            while quick.pk not in figures_now():
                await asyncio.sleep(0.02)

        assert not asking.done()
        asking.cancel()
        await asyncio.wait({asking})


async def test_a_server_that_refuses_is_told_to_be_silent() -> None:
    async with replaying({"/metrics": told({}, status=500)}) as server:
        backend = await in_db(make_backend)(base_url=server.url, kind="vllm")
        await read_meters()

    figures = figures_now()[backend.pk]
    assert figures.source == Source.NOBODY
    assert figures.reasons["kv_cache"] == Lack.SILENT


async def test_slots_that_a_look_counted_stand_in_for_meters_that_are_off() -> None:
    off = told({"error": {"code": 501, "type": "not_supported_error"}}, status=501)
    answers = {"/props": told({"total_slots": 4}), "/metrics": off}
    async with replaying(answers) as server:
        backend = await in_db(make_backend)(
            base_url=server.url, kind="llamacpp", running=3
        )
        await read_meters()

    figures = figures_now()[backend.pk]
    assert (figures.running, figures.reasons["waiting"]) == (3, Lack.OFF)
