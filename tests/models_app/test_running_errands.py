"""Errands from the wish to the closed row, with an Ollama at the other end of a socket."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta

import pytest
from django.utils import timezone

from dashboard.live.db import in_db
from models_app.models import Backend, Errand
from models_app.running_errands import Times, run_errands
from tests.fakes.ollama import ollama
from tests.fakes.ollama_state import FakeOllama
from tests.fakes.replay import Answer, End, replaying
from tests.make import make_backend, make_errand, make_model

pytestmark = pytest.mark.django_db(transaction=True)

QUICK = Times(tick=0.01)
TINY = "tiny:latest"
PAST = timezone.now() - timedelta(hours=1)
HANGS = {"/api/chat": Answer(end=End.HANG, kind="application/json")}


@pytest.fixture
def fake() -> Iterator[FakeOllama]:
    with ollama() as fake:
        fake.hold(TINY)
        yield fake


def wanted(url: str, **fields: object) -> Errand:
    backend = make_backend(kind="ollama", name="gpu-01", base_url=url)
    return make_errand(make_model(TINY, backend=backend), **fields)


async def run(fake: FakeOllama, **fields: object) -> Errand:
    """An errand after all that wait were run."""
    errand = await in_db(wanted)(fake.url, **fields)
    await run_errands(times=QUICK)
    return await now(errand)


async def now(errand: Errand) -> Errand:
    return await in_db(Errand.objects.get)(pk=errand.pk)


def bodies(fake: FakeOllama, method: str) -> list[object]:
    return [each.body for each in fake.asked if each.method == method]


async def test_a_model_is_loaded_with_what_was_chosen(fake: FakeOllama) -> None:
    errand = await run(fake, window=2048, keep_alive=-1)

    assert (errand.status, errand.error_code) == ("done", "")
    assert errand.started_at is not None
    assert errand.ended_at is not None
    assert fake.loaded[TINY]["context_length"] == 2048
    assert bodies(fake, "POST")[0] == {
        "model": TINY,
        "messages": [],
        "stream": False,
        "options": {"num_ctx": 2048},
        "keep_alive": -1,
    }


async def test_a_model_is_unloaded_copied_and_deleted(fake: FakeOllama) -> None:
    fake.loaded[TINY] = {"name": TINY}

    assert (await run(fake, action="unload")).status == "done"
    assert fake.loaded == {}
    await in_db(Backend.objects.all().delete)()
    assert (await run(fake, action="copy", new_name="other")).status == "done"
    assert set(fake.held) == {TINY, "other:latest"}
    await in_db(Backend.objects.all().delete)()
    assert (await run(fake, action="delete")).status == "done"
    assert set(fake.held) == {"other:latest"}


async def test_a_server_that_refuses_is_quoted(fake: FakeOllama) -> None:
    fake.refusals["DELETE /api/delete"] = "the disk is read-only"

    errand = await run(fake, action="delete")

    assert (errand.status, errand.error_code) == ("failed", "backend_refused")
    assert errand.error_facts["detail"] == "the disk is read-only"
    assert TINY in fake.held


async def test_what_is_gone_already_counts_as_deleted(fake: FakeOllama) -> None:
    del fake.held[TINY]

    errand = await run(fake, action="delete", status="running", turn=1, beat_at=PAST)

    assert (errand.status, errand.turn) == ("done", 2)


async def test_a_load_of_what_is_gone_fails(fake: FakeOllama) -> None:
    del fake.held[TINY]

    assert (await run(fake)).error_code == "model_gone"


async def test_a_server_that_is_away_fails_its_errand_and_no_other(
    fake: FakeOllama,
) -> None:
    away = await in_db(wanted)("http://127.0.0.1:9")
    await in_db(Backend.objects.update)(name="away")

    errand = await run(fake)

    assert errand.status == "done"
    assert (await now(away)).error_code == "backend_unreachable"


async def test_a_queue_that_delivers_twice_has_it_done_once(fake: FakeOllama) -> None:
    await in_db(wanted)(fake.url)

    await asyncio.gather(run_errands(times=QUICK), run_errands(times=QUICK))
    await run_errands(times=QUICK)

    assert len(bodies(fake, "POST")) == 1


@pytest.fixture
async def hung() -> AsyncIterator[Errand]:
    """A load that never ends."""
    async with replaying(HANGS) as server:
        yield await in_db(wanted)(server.url)


async def test_a_server_that_never_answers_fails_its_errand(hung: Errand) -> None:
    await run_errands(times=Times(tick=0.01, patience=lambda _: 0.05))

    assert (await now(hung)).error_code == "backend_silent"


async def test_a_worker_that_is_told_to_end_gives_its_errands_back(
    hung: Errand,
) -> None:
    answers = iter((True, False))

    await run_errands(lambda: next(answers, False), QUICK)

    assert (await now(hung)).status == "queued"


async def test_a_load_that_takes_long_holds_up_nothing_that_comes_meanwhile(
    hung: Errand, fake: FakeOllama
) -> None:
    running = asyncio.create_task(run_errands(times=QUICK))
    await until_running(hung)
    await in_db(Backend.objects.update)(name="hung")

    other = await in_db(wanted)(fake.url)

    async with asyncio.timeout(5):
        while (await now(other)).status != "done":
            await asyncio.sleep(0.01)
    assert not running.done()
    await in_db(Errand.objects.filter(pk=hung.pk).delete)()
    await asyncio.wait_for(running, 5)


async def until_running(errand: Errand) -> None:
    async with asyncio.timeout(5):
        while (await now(errand)).status != "running":
            await asyncio.sleep(0.01)
