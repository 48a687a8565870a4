"""Batches under way: cancelled, expired, paused, given way, and gone on with."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from dashboard.live.bus import link
from dashboard.live.db import in_db
from dashboard.people.models import User
from models_app.batches.pages import Pages
from models_app.batches.places import path_of
from models_app.gateway.batches.running import run_batch
from models_app.models import ApiFile, ApiKey, Backend, Batch, Quota
from models_app.models.work import SILENT
from models_app.services.api_keys import make_key, revoke_key
from models_app.services.batches import (
    claim_due_batches,
    hand_on_abandoned,
    request_cancel,
    start_batch,
)
from models_app.snapshot import forget
from tests.at_door import come_in, forget_all
from tests.fakes.replay import Replay, replaying, told
from tests.make import make_generation, make_person
from tests.models_app.gateway.batches.asked import (
    CHAT,
    HANGS,
    QUICK,
    SAYS,
    line,
    made_batch,
    person_with_a_server,
    row,
    run,
)

pytestmark = pytest.mark.usefixtures("transactional_db", "serving", "empty_door")

Lines = list[dict[str, Any] | str]


@pytest.fixture(autouse=True)
def nothing_counted() -> None:
    if keys := link().keys("paddock:quota:*"):
        link().delete(*keys)


async def begun(server: Replay, lines: Lines, **room: int) -> Batch:
    person = await in_db(person_with_a_server)(server.url, **room)
    return await in_db(made_batch)(person, lines)


async def until(done: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not await in_db(done)():
            await asyncio.sleep(0.01)


def written(batch: Batch) -> tuple[list[int], list[int]]:
    """The numbers of the lines in its files."""
    with Pages(batch.output_name, batch.errors_name) as pages:
        return sorted(pages.answered), sorted(pages.failed)


def texts(batch: Batch) -> list[str]:
    path = path_of(batch.errors_name)
    return path.read_text().splitlines() if path.exists() else []


async def test_as_many_lines_as_there_is_room_for_are_asked_at_once() -> None:
    async with replaying({CHAT: HANGS}) as server:
        batch = await begun(server, [line(each) for each in range(9)], room=3)
        running = asyncio.create_task(run())
        await until(lambda: len(server.asked) == 3)

        await in_db(request_cancel)(batch.asked_by, batch.name)
        await asyncio.wait_for(running, 2)

    assert len(server.asked) == 3
    assert (await row(batch)).status == "cancelled"


async def test_a_cancelled_batch_keeps_what_was_answered() -> None:
    async with replaying({CHAT: [SAYS, HANGS]}) as server:
        batch = await begun(server, [line(1), line(2)], room=1)
        running = asyncio.create_task(run())
        await until(lambda: Batch.objects.get().completed == 1)

        await in_db(request_cancel)(batch.asked_by, batch.name)
        await asyncio.wait_for(running, 2)

    ended = await row(batch)
    assert (ended.status, ended.completed, ended.failed) == ("cancelled", 1, 0)
    assert await in_db(ApiFile.objects.filter(name=batch.output_name).exists)()


async def test_whoever_takes_over_asks_what_is_left_and_nothing_twice() -> None:
    lines: Lines = [line(each) for each in range(1, 6)]
    async with replaying({CHAT: [SAYS, SAYS, HANGS]}) as server:
        batch = await begun(server, lines, room=1)
        (claimed,) = await in_db(claim_due_batches)(now=timezone.now())
        working = run_batch(claimed, working=lambda: True, times=QUICK)
        killed = asyncio.create_task(working)
        await until(lambda: len(server.asked) == 3)
        killed.cancel()
        await asyncio.gather(killed, return_exceptions=True)
        # What a kill may leave: half a line.
        with path_of(batch.output_name).open("ab") as torn:
            torn.write(b'{"id":"batch_req_00_3","custom_id":')
        server.answers[CHAT] = [SAYS]
        later = timezone.now() + SILENT + timedelta(seconds=1)

        assert await in_db(hand_on_abandoned)(now=later) == 1
        await run()

    asked = [each.json["messages"][0]["content"] for each in server.asked[3:]]
    assert asked == ["ask 3", "ask 4", "ask 5"]
    assert written(batch) == ([1, 2, 3, 4, 5], [])
    ended = await row(batch)
    assert (ended.status, ended.completed, ended.turn) == ("done", 5, 2)


async def test_a_puller_that_is_told_to_end_gives_its_batch_back() -> None:
    told_to_end = asyncio.Event()
    async with replaying({CHAT: [SAYS, HANGS]}) as server:
        batch = await begun(server, [line(1), line(2)], room=1)
        running = asyncio.create_task(run(working=lambda: not told_to_end.is_set()))
        await until(lambda: Batch.objects.get().completed == 1)
        told_to_end.set()
        await asyncio.wait_for(running, 5)

    left = await row(batch)
    assert (left.status, left.rests_until, left.completed) == ("queued", None, 1)


async def test_two_pullers_never_write_the_same_batch() -> None:
    async with replaying({CHAT: SAYS}) as server:
        batch = await begun(server, [line(1)])
        with Pages(batch.output_name, batch.errors_name):
            await run()

    waits = await row(batch)
    assert (waits.status, server.asked) == ("queued", [])
    assert waits.rests_until is not None


async def test_who_gave_way_is_asked_again(person: User) -> None:
    async with replaying({CHAT: [HANGS, SAYS]}) as server:
        batch = await begun(server, [line(1)], room=1)
        running = asyncio.create_task(run())
        await until(lambda: len(server.asked) == 1)

        await in_db(somebody_waits)()
        await asyncio.wait_for(server.hung_up.wait(), 10)
        await in_db(forget_all)()
        await asyncio.wait_for(running, 10)

    ended = await row(batch)
    assert (ended.status, ended.completed, ended.failed) == ("done", 1, 0)


def somebody_waits() -> None:
    come_in(make_person(), Backend.objects.get(), room=1)


async def test_a_spent_quota_rests_the_batch_until_there_is_more() -> None:
    async with replaying({CHAT: SAYS}) as server:
        batch = await begun(server, [line(1), line(2)])
        await in_db(spend)(batch.asked_by)
        await run()
        rests = await row(batch)
        await in_db(Quota.objects.all().delete)()
        await in_db(Batch.objects.update)(rests_until=timezone.now())
        forget()
        await run()

    assert (rests.status, rests.failed) == ("queued", 0)
    assert rests.rests_until
    assert rests.rests_until > timezone.now()
    assert rests.error_code == "tokens_spent"
    ended = await row(batch)
    assert (ended.status, ended.completed, ended.error_code) == ("done", 2, "")


def spend(person: User) -> None:
    Quota.objects.create(person=person, tokens_a_day=10)
    make_generation(person=person, completion_tokens=10)
    forget()


async def test_a_key_that_is_revoked_ends_its_batch() -> None:
    async with replaying({CHAT: HANGS}) as server:
        batch = await begun(server, [line(1)])
        await in_db(with_a_key)(batch)
        running = asyncio.create_task(run())
        await until(lambda: len(server.asked) == 1)

        await in_db(revoke)()
        await asyncio.wait_for(running, 2)

    ended = await row(batch)
    assert (ended.status, ended.error_code) == ("failed", "invalid_api_key")


def with_a_key(batch: Batch) -> None:
    key = make_key(batch.asked_by, "mine").key
    Batch.objects.update(key=key)


def revoke() -> None:
    key = ApiKey.objects.select_related("person").get()
    revoke_key(key, by=key.person)


async def test_a_key_asks_its_models_alone_and_as_often_as_it_may() -> None:
    async with replaying({CHAT: SAYS}) as server:
        batch = await begun(server, [line(1), line(2)])
        await in_db(with_a_limit)(batch)
        await run()

    rests = await row(batch)
    assert (rests.status, rests.completed, len(server.asked)) == ("queued", 1, 1)
    assert rests.error_code == "key_requests_spent"


def with_a_limit(batch: Batch) -> None:
    key = make_key(batch.asked_by, "mine", requests_a_minute=1).key
    Batch.objects.update(key=key)


async def test_what_is_left_of_an_expired_batch_is_told_as_such() -> None:
    async with replaying({CHAT: SAYS}) as server:
        batch = await begun(server, [line(1), line(2)])
        await in_db(Batch.objects.update)(expires_at=timezone.now())
        await run()

    ended = await row(batch)
    assert (ended.status, ended.failed, server.asked) == ("expired", 2, [])
    assert all("batch_expired" in each for each in texts(batch))


async def test_a_server_that_fails_at_a_line_is_asked_three_times() -> None:
    broken = told({"error": {"message": "out of memory"}}, status=500)
    async with replaying({CHAT: broken}) as server:
        batch = await begun(server, [line(1)])
        await run()

    (said,) = texts(batch)
    assert (len(server.asked), (await row(batch)).status) == (3, "done")
    assert "out of memory" in said


async def test_a_server_that_is_away_fails_no_line() -> None:
    async with replaying({}) as gone:
        batch = await begun(gone, [line(1)])
    await run()

    rests = await row(batch)
    assert (rests.status, rests.error_code) == ("queued", "backend_unreachable")
    assert rests.failed == 0


@pytest.mark.parametrize("content", [b"", b"\n \n"])
async def test_a_file_with_nothing_in_it_fails_as_a_whole(content: bytes) -> None:
    async with replaying({}) as server:
        batch = await begun(server, [line(1)])
        path_of(batch.input_name).write_bytes(content)
        await run()

    ended = await row(batch)
    assert (ended.status, ended.error_code) == ("failed", "empty_file")
    assert not path_of(batch.output_name).exists()


async def test_a_person_has_one_batch_under_way_and_the_next_after_it() -> None:
    async with replaying({CHAT: SAYS}) as server:
        first = await begun(server, [line(1)])
        args = (first.asked_by, first.input_name)
        second = await in_db(start_batch)(*args, endpoint=CHAT)

        (taken,) = await in_db(claim_due_batches)(now=timezone.now())
        assert taken == first
        await in_db(Batch.objects.update)(status="queued")
        await run()

    assert [(await row(each)).status for each in (first, second)] == ["done", "done"]


WRONG: list[tuple[dict[str, Any] | str, str]] = [
    ("{", "invalid_json_line"),
    ("[]", "invalid_json_line"),
    (line(2, custom_id=None), "invalid_request"),
    (line(2, custom_id="c-1"), "duplicate_custom_id"),
    (line(2, url="/v1/embeddings"), "mismatched_url"),
    (line(2, method="GET"), "invalid_request"),
    (line(2, body={"stream": True}), "invalid_value"),
    (line(2, body={"model": "gone"}), "model_not_found"),
    (line(2, body={"keep_alive": "1h"}), "unsupported_parameter"),
]


@pytest.mark.parametrize(("wrong", "code"), WRONG)
async def test_what_is_wrong_with_a_line_is_told_and_the_others_go_on(
    wrong: dict[str, Any] | str, code: str
) -> None:
    async with replaying({CHAT: SAYS}) as server:
        batch = await begun(server, [line(1), wrong, line(3)])
        await run()

    ended = await row(batch)
    assert (ended.status, ended.completed, ended.failed) == ("done", 2, 1)
    (said,) = texts(batch)
    assert f'"code":"{code}"' in said
    assert written(batch) == ([1, 3], [2])


async def test_a_server_that_refuses_a_line_is_quoted() -> None:
    refusal = told({"error": {"message": "no such tool"}}, status=400)
    async with replaying({CHAT: [refusal, SAYS]}) as server:
        batch = await begun(server, [line(1), line(2)], room=1)
        await run()

    (said,) = texts(batch)
    assert '"status_code":400' in said
    assert "no such tool" in said
    assert len(server.asked) == 2
