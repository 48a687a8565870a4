"""What the cards took goes to those that ran on them, once its samples are in."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from celery import current_app
from django.conf import settings
from pytest_django import DjangoAssertNumQueries

from dashboard.live.bus import link
from models_app.gpu.keys import latest_key
from models_app.gpu.samples import Card, NodeSample, Process
from models_app.ledger.entries import Entry, write_entry
from models_app.ledger.places import Place, places_now
from models_app.ledger.sharing import share_out
from models_app.models import Backend, Generation, Gpu, TenSeconds
from models_app.nodes.latest import Latest, keep_latest
from models_app.tasks import share_out_cards
from tests.make import make_backend, make_card, make_generation, make_gpu, make_sample

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_sample")]
NOON = datetime(2026, 11, 28, 12, tzinfo=UTC)
LATER = NOON + timedelta(minutes=2)
ADDRESS = "http://127.0.0.1:8000"


@pytest.fixture
def no_sample() -> None:
    link().delete(latest_key("gpu-01"))


@pytest.fixture
def gpu() -> Gpu:
    """For two minutes from noon on it draws 100 W, and is busy half the time."""
    gpu = make_gpu()
    begin = int(NOON.timestamp())
    for bucket in range(begin, begin + 120, 10):
        TenSeconds.objects.create(
            gpu=gpu, bucket=bucket, n=10, energy=1000, util_avg=500
        )
    return gpu


@pytest.fixture
def backend(gpu: Gpu) -> Backend:
    see(vllm())
    return make_backend(kind="vllm", base_url=ADDRESS)


def vllm(**fields: Any) -> Process:
    told = {"pid": 7, "memory": 2**30, "name": "vllm", "program": "vllm"}
    return Process(**{**told, "ports": (8000,), **fields})


def see(*processes: Process, cards: tuple[Card, ...] = ()) -> NodeSample:
    """What the host says of its cards."""
    sample = make_sample(
        "gpu-01", NOON.timestamp(), cards=cards or (make_card(processes=processes),)
    )
    with link().pipeline() as together:
        keep_latest(together, Latest(NOON.timestamp(), 0.0, sample))
        together.execute()
    return sample


def ran(backend: Backend, since: float, until: float, **fields: Any) -> Generation:
    began = NOON + timedelta(seconds=since)
    ended = NOON + timedelta(seconds=until)
    told = {"server": "s", "began_at": began, "ended_at": ended}
    return make_generation(backend=backend, **{**told, **fields})


def took(row: Generation) -> tuple[float | None, float | None]:
    row.refresh_from_db()
    return row.gpu_seconds, row.joules


def test_a_generation_gets_what_its_card_took_meanwhile(
    gpu: Gpu, backend: Backend
) -> None:
    row = ran(backend, 5, 30, completion_tokens=10)

    assert share_out(now=LATER) == 1

    assert took(row) == (12.5, 2500)
    assert (row.node, row.reckoned_at) == (gpu.node, LATER)


def test_nothing_is_reckoned_before_its_samples_are_in(backend: Backend) -> None:
    row = ran(backend, 5, 100)

    assert share_out(now=NOON + timedelta(seconds=139)) == 0
    assert share_out(now=NOON + timedelta(seconds=140)) == 1
    assert took(row)[1] == 9500


def test_a_long_one_that_comes_late_makes_the_others_smaller(backend: Backend) -> None:
    short = ran(backend, 10, 20, completion_tokens=100)
    share_out(now=LATER)
    before = took(short)
    long = ran(backend, 0, 100, completion_tokens=1000)

    share_out(now=LATER + timedelta(minutes=1))

    assert [before, took(short), took(long)] == [(5, 1000), (2.5, 500), (47.5, 9500)]


def test_a_lost_one_that_lived_is_reckoned_anew(backend: Backend) -> None:
    row = ran(backend, 0, 10, status="lost", ticket="t")
    share_out(now=LATER)

    told: dict[str, Any] = {"began_at": row.began_at, "backend": backend.pk}
    ended = NOON + timedelta(seconds=40)
    write_entry(Entry("t", "tiny", row.asked_at, ended, **told))
    share_out(now=LATER)

    assert took(row)[1] == 4000


def test_one_whose_server_is_gone_or_never_began_stays_unknown(
    backend: Backend,
) -> None:
    rows = [
        ran(backend, 0, 10, began_at=None, asked_at=NOON, status="left"),
        make_generation(backend=None, began_at=NOON, ended_at=NOON),
    ]

    assert share_out(now=LATER) == 2

    assert [took(row) for row in rows] == [(None, None)] * 2
    assert not Generation.objects.filter(reckoned_at=None).exists()


def test_the_end_of_the_queue_stands_in_for_an_unknown_beginning(
    backend: Backend,
) -> None:
    row = make_generation(
        backend=backend,
        server="s",
        asked_at=NOON,
        began_at=None,
        queue_ms=20_000,
        ended_at=NOON + timedelta(seconds=30),
    )

    share_out(now=LATER)

    assert took(row)[1] == 1000


def test_a_day_later_it_stays_unknown(backend: Backend) -> None:
    row = ran(backend, 0, 10)

    assert share_out(now=NOON + timedelta(days=1, minutes=1)) == 1

    assert took(row) == (None, None)


def test_where_nothing_was_measured_nothing_is_said(backend: Backend) -> None:
    TenSeconds.objects.update(energy=None, util_avg=None)
    row = ran(backend, 0, 10)

    share_out(now=LATER)

    assert took(row) == (None, None)
    assert row.reckoned_at == LATER


def test_two_servers_on_one_card_share_it(backend: Backend) -> None:
    see(vllm(), vllm(pid=8, ports=(8001,)))
    other = make_backend(kind="vllm", base_url="http://127.0.0.1:8001")
    rows = [ran(each, 0, 10) for each in (backend, other)]

    share_out(now=LATER)

    assert [took(row) for row in rows] == [(2.5, 500)] * 2


def test_many_are_reckoned_with_few_queries(
    backend: Backend, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for second in range(90):
        ran(backend, second, second + 3)

    with django_assert_max_num_queries(25):
        assert share_out(now=LATER + timedelta(minutes=1)) == 90

    joules = sum(took(row)[1] or 0 for row in Generation.objects.all())
    assert joules == pytest.approx(9200)


def test_without_anything_to_do_it_asks_little(
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    with django_assert_max_num_queries(5):
        assert share_out(now=LATER) == 0


def test_a_server_works_on_the_cards_where_it_is_seen(
    gpu: Gpu, backend: Backend
) -> None:
    make_gpu(gpu.node, "GPU-2")
    cards = (make_card(processes=(vllm(),)), make_card("GPU-2", processes=()))
    see(cards=cards)

    assert places_now() == {backend.pk: Place(gpu.node_id, frozenset({gpu.pk}))}


@pytest.mark.parametrize(
    ("processes", "known"),
    [
        (None, True),
        ((Process(pid=9, memory=5),), True),
        ((Process(pid=9, memory=5, name="Xorg"),), False),
        ((), False),
    ],
)
def test_a_server_alone_on_a_host_that_hides_processes_has_all_cards(
    gpu: Gpu, backend: Backend, processes: tuple[Process, ...] | None, known: bool
) -> None:
    see(cards=(make_card(processes=processes),))

    cards = frozenset({gpu.pk}) if known else frozenset[int]()
    assert places_now() == {backend.pk: Place(gpu.node_id, cards)}


def test_of_two_servers_on_a_host_that_hides_processes_nobody_knows(
    gpu: Gpu, backend: Backend
) -> None:
    see(cards=(make_card(processes=None),))
    make_backend(kind="ollama")

    assert {each.cards for each in places_now().values()} == {frozenset()}


def test_the_starter_engine_works_on_no_card(gpu: Gpu, backend: Backend) -> None:
    see(cards=(make_card(processes=None),))
    starter = make_backend(kind="llamacpp", starter=True)

    found = places_now()

    assert found[starter.pk] == Place(gpu.node_id)
    assert found[backend.pk].cards == {gpu.pk}


def test_without_a_sample_the_host_is_known_alone(gpu: Gpu) -> None:
    backend = make_backend(kind="vllm", base_url=ADDRESS)

    assert places_now() == {backend.pk: Place(gpu.node_id)}


def test_the_clock_has_generations_reckoned(backend: Backend) -> None:
    names = {each["task"] for each in settings.CELERY_BEAT_SCHEDULE.values()}
    row = make_generation(ended_at=NOON)

    share_out_cards()

    assert share_out_cards.name in names & {*current_app.tasks}
    row.refresh_from_db()
    assert row.reckoned_at
