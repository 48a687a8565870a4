"""A host that was let in and means ill: it holds nobody else up."""

import time

import pytest
import redis

from models_app.gpu.keys import WATCHED, samples_key
from models_app.gpu.samples import write_sample
from models_app.models import Node
from models_app.nodes.intake.streams import LARGEST, Arrival, Round, Streams
from models_app.nodes.queries import nodes_now
from models_app.nodes.troubles import Trouble
from tests.make import make_node, make_sample
from tests.models_app.nodes.intake.taking import Bench, sample_at

pytestmark = pytest.mark.django_db
BAD = samples_key("gpu-02")
QUICK = 0.5
"""Seconds of a round, however busy the machine that tests; most take a hundredth."""


@pytest.fixture
def stranger(node: Node) -> Node:
    return make_node("gpu-02")


@pytest.fixture
def streams(link: redis.Redis) -> Streams:
    streams = Streams(link)
    streams.follow(["gpu-01", "gpu-02"])
    link.xadd(samples_key("gpu-01"), {"sample": b"good"})
    return streams


def read(streams: Streams) -> Round:
    began = time.perf_counter()
    found = streams.read()
    assert time.perf_counter() - began < QUICK
    return found


def of(found: Round, node: str) -> list[Arrival]:
    return [each for each in found.arrivals if each.node == node]


def test_a_stream_that_is_too_large_is_thrown_away_unread(
    streams: Streams, link: redis.Redis
) -> None:
    for _each in range(3):
        link.xadd(BAD, {"sample": b"x" * (LARGEST // 2)})

    found = read(streams)

    assert [each.raw for each in found.arrivals] == [b"good"]
    assert found.troubles == {"gpu-02": Trouble.TOO_LARGE}
    assert not link.exists(BAD)


def test_of_a_value_that_is_too_large_little_travels(
    streams: Streams, link: redis.Redis
) -> None:
    link.xadd(BAD, {"sample": b"x" * (LARGEST // 2)})

    (arrival,) = of(read(streams), "gpu-02")

    assert len(arrival.raw) < LARGEST / 16


def test_large_samples_are_taken_up_to_a_limit_the_newest_first(
    streams: Streams, link: redis.Redis
) -> None:
    for each in range(30):
        link.xadd(BAD, {"sample": b"%02d" % each + b"x" * 250_000})

    found = read(streams)

    taken = of(found, "gpu-02")
    assert sum(len(each.raw) for each in taken) <= LARGEST // 2
    assert [taken[0].raw[:2], taken[-1].raw[:2]] == [b"14", b"29"]
    assert found.troubles == {"gpu-02": Trouble.FLOOD}


OTHERS = ("SET {} x", "LPUSH {} x", "SADD {} x", "ZADD {} 1 x", "HSET {} x y")


@pytest.mark.parametrize("other", OTHERS)
def test_a_key_of_another_type_is_of_its_host_alone(
    streams: Streams, link: redis.Redis, other: str
) -> None:
    for round_ in range(3):
        link.execute_command(*other.format(BAD).split())  # type: ignore[no-untyped-call]
        link.xadd(samples_key("gpu-01"), {"sample": b"good"})

        found = read(streams)

        assert len(of(found, "gpu-01")) == (2 if round_ == 0 else 1)
        assert found.troubles == {"gpu-02": Trouble.NO_STREAM}
        assert not link.exists(BAD)


def test_an_entry_that_is_no_sample_is_thrown_away_and_its_host_rests(
    streams: Streams, link: redis.Redis
) -> None:
    link.xadd(BAD, {str(each): "" for each in range(1000)})
    assert read(streams).troubles == {"gpu-02": Trouble.NO_STREAM}

    link.xadd(BAD, {"sample": "soon"})
    assert of(read(streams), "gpu-02") == []

    streams.clock = lambda: time.time() + 11
    assert len(of(read(streams), "gpu-02")) == 1


def test_an_id_beyond_all_others_is_of_its_host_alone(
    streams: Streams, link: redis.Redis
) -> None:
    last = 2**64 - 1
    link.xadd(BAD, {"sample": b"x"}, id=f"{last}-{last}")
    read(streams)
    link.xadd(samples_key("gpu-01"), {"sample": b"good"})

    assert len(of(read(streams), "gpu-01")) == 1
    link.xadd(BAD, {"sample": b"y"})
    streams.clock = lambda: time.time() + 11
    assert [each.raw for each in of(read(streams), "gpu-02")] == [b"y"]


def test_of_a_flood_the_newest_few_are_taken(
    streams: Streams, link: redis.Redis
) -> None:
    read(streams)
    taken = 0
    for round_ in range(5):
        with link.pipeline(transaction=False) as together:
            for each in range(1000):
                together.xadd(BAD, {"sample": f"{round_}-{each}"})
            together.execute()
        found = read(streams)
        arrivals = of(found, "gpu-02")
        taken += len(arrivals)
        assert found.troubles == {"gpu-02": Trouble.FLOOD}
        assert not arrivals or arrivals[-1].raw == f"{round_}-999".encode()

    assert 120 <= taken <= 150
    assert link.xlen(BAD) <= 120


def test_a_stream_far_too_long_costs_no_time(
    streams: Streams, link: redis.Redis
) -> None:
    with link.pipeline(transaction=False) as together:
        for _each in range(10_001):
            together.xadd(BAD, {"sample": ""})
        together.execute()

    assert read(streams).troubles == {"gpu-02": Trouble.FLOOD}

    assert not link.exists(BAD)


def test_what_waited_for_us_is_no_flood(streams: Streams, link: redis.Redis) -> None:
    for each in range(120):
        link.xadd(BAD, {"sample": str(each)}, maxlen=60)

    found = read(streams)

    assert len(of(found, "gpu-02")) >= 60
    assert found.troubles == {}


def test_who_does_ill_is_told_of_and_others_are_heard(
    bench: Bench, link: redis.Redis, stranger: Node
) -> None:
    link.set(BAD, "mine")
    bench.clock.now = link.time()[0] + 1
    bench.send(write_sample(sample_at(bench.now)))

    bench.step()

    good, bad = nodes_now(bench.now)
    assert good.sample is not None
    assert good.trouble == ""
    assert "it has put something else" in bad.trouble


def test_rounds_follow_each_other_sooner_while_somebody_watches(
    bench: Bench, link: redis.Redis
) -> None:
    bench.step()
    unwatched = bench.intake.pause
    link.set(WATCHED, "1")

    bench.step()

    assert bench.intake.pause <= 0.1 < unwatched


def test_a_host_whose_clock_is_set_all_the_time_costs_no_memory(bench: Bench) -> None:
    bench.step()
    for seq in range(1000):
        sample = make_sample("gpu-01", bench.now, seq=seq, mono=float(seq))
        bench.hear(sample, received=bench.now - seq % 7)

    assert len(bench.intake.known["gpu-01"].clock._differences) <= 600
