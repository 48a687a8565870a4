"""Hosts that fall silent, and one intake after the other."""

import pytest
import redis

from dashboard.live.lease import Lease
from models_app.gpu.metrics import Metric
from models_app.gpu.samples import NodeSample
from models_app.models import Node, TenSeconds
from models_app.nodes.queries import NodeState, nodes_now, recent_line
from models_app.nodes.states import state_of
from tests.make import make_card, make_node, make_sample
from tests.models_app.nodes.intake.taking import BEGIN, Bench, Clock, sample_at
from tests.models_app.nodes.intake.test_intake import frames

pytestmark = pytest.mark.django_db

AGES = [
    (0, 1, NodeState.LIVE),
    (4.9, 1, NodeState.LIVE),
    (5, 1, NodeState.LATE),
    (29.9, 1, NodeState.LATE),
    (31, 1, NodeState.SILENT),
    (3599, 1, NodeState.SILENT),
    (3600, 1, NodeState.LOST),
    (29, 10, NodeState.LIVE),
    (31, 10, NodeState.LATE),
    (100, 10, NodeState.SILENT),
    (3600, 3600, NodeState.LOST),
]


@pytest.mark.parametrize(("age", "interval", "state"), AGES)
def test_a_host_is_measured_by_its_own_interval(
    age: float, interval: float, state: NodeState
) -> None:
    assert state_of(age, interval=interval) is state


def test_a_host_that_never_spoke_is_unheard(node: Node) -> None:
    (host,) = nodes_now(BEGIN)

    assert (host.state, host.age, host.sample) == (NodeState.UNHEARD, None, None)


@pytest.mark.parametrize(
    ("after", "state"), [(5, "late"), (31, "silent"), (3600, "lost")]
)
def test_pages_hear_that_a_host_says_nothing_any_more(
    bench: Bench, after: int, state: str
) -> None:
    bench.run(3)

    bench.clock.now += after - 1
    heard = frames(bench, bench.hear)

    assert [each["kind"] for each in heard] == ["node.changed"]
    assert nodes_now(bench.now)[0].state == state


def test_a_host_keeps_its_last_numbers_when_it_is_silent(bench: Bench) -> None:
    bench.run(3)

    (host,) = nodes_now(bench.now + 30)

    assert host.sample is not None
    assert host.sample.cards[0].values[Metric.UTIL] == 40


def test_without_redis_the_rows_say_when_a_host_was_heard(
    bench: Bench, link: redis.Redis
) -> None:
    bench.run(3)
    link.flushdb()

    (host,) = nodes_now(BEGIN + 40)

    assert (host.state, host.age, host.sample) == (NodeState.LATE, 40, None)


@pytest.mark.parametrize("off", [-3600, 3600, 37])
def test_a_wrong_clock_is_corrected_and_shown(bench: Bench, off: float) -> None:
    bench.run(60, lambda at: sample_at(at, sent_at=at + off))

    line = recent_line(["GPU-1"], now=bench.now - 1, seconds=60)["GPU-1"]

    assert line.util == [40.0] * 60
    assert nodes_now(bench.now)[0].clock_off == -off


def test_what_comes_twice_changes_nothing(bench: Bench) -> None:
    bench.run(30)
    bench.settle()
    before = list(TenSeconds.objects.order_by("bucket").values())

    for at in range(30):
        other = make_card(values={Metric.UTIL: 99.0})
        bench.hear(sample_at(BEGIN + at, cards=(other,)))
    bench.settle()

    assert list(TenSeconds.objects.order_by("bucket").values()) == before


def test_what_comes_late_is_history_and_not_the_present(bench: Bench) -> None:
    bench.run(20, every=2)
    late = sample_at(BEGIN + 5, cards=(make_card(values={Metric.UTIL: 90.0}),))

    heard = frames(bench, lambda: bench.hear(late))
    bench.settle()

    assert heard == []
    assert nodes_now(bench.now)[0].sample.seq == BEGIN + 18  # type: ignore[union-attr]
    assert TenSeconds.objects.get(bucket=int(BEGIN)).util_max == 900


def test_two_agents_of_one_name_are_one_host_and_said(bench: Bench) -> None:
    bench.run(2)
    other = make_card(values={Metric.UTIL: 99.0})
    for _each in range(5):
        bench.run(1, lambda at: sample_at(at, boot="boot-2", cards=(other,)))
        bench.run(1)

    (host,) = nodes_now(bench.now)

    assert host.sample is not None
    assert host.sample.boot == "boot-1"
    assert "Two agents" in host.trouble


def test_one_of_many_takes_in(bench: Bench, link: redis.Redis) -> None:
    other = Bench(link, bench.clock)

    assert (bench.step(), other.step()) == (True, False)


def test_a_lease_is_lost_when_it_was_not_renewed(link: redis.Redis) -> None:
    clock = Clock()
    one = Lease(link, "lease", seconds=3, clock=clock)
    two = Lease(link, "lease", seconds=3, clock=clock)
    assert (one.hold(), two.hold()) == (True, False)

    link.delete("lease")  # as Redis does after three seconds
    assert two.hold()
    assert one.hold()  # for as long as a renewal is not due
    clock.now += 1

    assert (one.hold(), two.hold()) == (False, True)


def test_a_lease_that_is_given_back_is_free_at_once(link: redis.Redis) -> None:
    one, two = (Lease(link, "lease", seconds=3) for _each in "12")
    one.hold()

    two.give_back()
    assert not two.hold()
    one.give_back()

    assert two.hold()


def test_the_next_intake_writes_what_the_last_one_left(bench: Bench) -> None:
    bench.run(40)
    assert TenSeconds.objects.count() == 2

    after = bench.another()
    after.step()
    after.clock.now += 60
    after.intake.take_in([])

    assert (
        list(TenSeconds.objects.order_by("bucket").values_list("n", flat=True))
        == [10] * 4
    )


def test_the_next_intake_takes_known_samples_for_known(bench: Bench) -> None:
    bench.run(5)

    after = bench.another()
    after.step()
    again = frames(after, lambda: after.hear(sample_at(BEGIN + 4)))

    assert again == []


def test_what_redis_lost_does_not_thin_out_history(
    bench: Bench, link: redis.Redis
) -> None:
    bench.run(40)
    link.flushdb()

    late = sample_at(BEGIN + 11, boot="boot-2", seq=1)
    bench.hear(late, received=bench.now)
    bench.settle()

    assert TenSeconds.objects.get(bucket=int(BEGIN) + 10).n == 10


def test_each_host_is_told_of_once_in_a_round(bench: Bench) -> None:
    two = make_node("gpu-02")
    bench.clock.now += 0
    one = [sample_at(BEGIN + at) for at in range(3)]
    other = make_sample("gpu-02", BEGIN, cards=(make_card("GPU-2"),))

    heard = frames(bench, lambda: bench.hear(*one, other))

    sampled = [each for each in heard if each["kind"] == "gpu.sampled"]
    assert len(sampled) == 2
    assert {each["node"] for each in sampled} >= {two.pk}


def test_while_redis_is_away_history_has_a_gap_and_no_lie(
    bench: Bench, link: redis.Redis
) -> None:
    bench.run(30)
    link.flushdb()
    bench.intake.start_over()
    bench.clock.now += 60
    bench.step()
    bench.run(30)
    bench.settle()

    rows = TenSeconds.objects.order_by("bucket")
    known = [int(row.bucket - BEGIN) for row in rows]
    assert known == [0, 90, 100, 110]
    assert sum(row.energy or 0 for row in rows) <= 200 * 40
    assert {row.n for row in rows} == {10}


def test_a_counter_that_was_away_for_minutes_loses_nothing(bench: Bench) -> None:
    begun = bench.now

    def told(at: float) -> NodeSample:
        card = make_card(values={Metric.ENERGY: (at - begun) * 100})
        if 30 <= at - begun < 150:
            del card.values[Metric.ENERGY], card.values[Metric.POWER]
        return sample_at(at, cards=(card,))

    bench.run(181, told)
    bench.settle()

    rows = TenSeconds.objects.order_by("bucket")
    assert sum(row.energy or 0 for row in rows) == 18_000
    assert [row.energy for row in rows][3:16] == [None] * 12 + [100 * (1 + 120 + 10)]
