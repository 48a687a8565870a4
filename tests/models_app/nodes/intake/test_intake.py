"""Taking in what hosts send."""

import json
from typing import Any

import pytest
import redis
from channels.layers import get_channel_layer
from redis.client import PubSub

from dashboard.live.bus import link as bus_link
from models_app.gpu.keys import ring_key, samples_key
from models_app.gpu.metrics import Metric
from models_app.gpu.samples import write_sample
from models_app.models import Gpu, Node
from models_app.nodes.queries import NodeState, nodes_now, recent_line
from tests.make import make_card, make_node, make_sample
from tests.models_app.nodes.intake.taking import BEGIN, Bench, sample_at

pytestmark = pytest.mark.django_db


def frames(bench: Bench, act: Any) -> list[dict[str, Any]]:
    """What pages hear of it."""
    with PubSub(bench.link.connection_pool, ignore_subscribe_messages=True) as ear:
        ear.subscribe("paddock__group__status")
        ear.get_message(timeout=1)
        act()
        bus_link().publish("paddock__group__status", "")
        heard = []
        while (said := ear.get_message(timeout=1)) is None or said["data"]:
            if said:
                heard.append(json.loads(decoded(said["data"])["frame"]))
    return heard


def decoded(message: bytes) -> dict[str, Any]:
    told: dict[str, Any] = get_channel_layer().deserialize(message)
    return told


def test_a_sample_in_the_stream_is_there_for_pages(bench: Bench) -> None:
    bench.clock.now = bench.link.time()[0]
    bench.send(write_sample(sample_at(bench.now)))

    bench.step()

    (host,) = nodes_now(bench.now)
    assert (host.name, host.state) == ("gpu-01", NodeState.LIVE)
    assert host.sample == sample_at(bench.now)


def test_pages_hear_every_number_of_a_sample(bench: Bench) -> None:
    heard = frames(bench, lambda: bench.hear(sample_at(BEGIN)))

    sampled = next(each for each in heard if each["kind"] == "gpu.sampled")
    (card,) = sampled["cards"]
    assert (card["uuid"], card["util"], card["power"]) == ("GPU-1", 40, 200)
    assert {"kind": "node.changed", "node": sampled["node"]} in heard


def test_pages_fetch_a_host_anew_only_when_more_than_numbers_changed(
    bench: Bench,
) -> None:
    bench.run(1)
    card = make_card(values={Metric.UTIL: 99.0})
    alone = make_card(processes=())

    same = frames(bench, lambda: bench.run(1, lambda at: sample_at(at, cards=(card,))))
    new = frames(bench, lambda: bench.run(1, lambda at: sample_at(at, cards=(alone,))))

    assert [each["kind"] for each in same] == ["gpu.sampled"]
    assert [each["kind"] for each in new] == ["gpu.sampled", "node.changed"]


def test_the_rows_say_what_a_sample_says(bench: Bench, node: Node) -> None:
    bench.hear(sample_at(BEGIN))

    gpu = Gpu.objects.get(node=node)
    node.refresh_from_db()
    assert (gpu.uuid, gpu.name, gpu.memory_total) == ("GPU-1", "RTX 4090", 24 * 2**30)
    assert (node.boot, node.driver, node.state) == ("boot-1", "580.65", "ok")
    assert node.seen_at is not None
    assert node.seen_at.timestamp() == BEGIN


def test_the_database_is_not_asked_for_every_sample(
    bench: Bench, django_assert_num_queries: Any
) -> None:
    bench.run(2)

    with django_assert_num_queries(0):
        bench.run(5)


def test_the_last_minutes_are_in_the_ring_and_gaps_are_gaps(bench: Bench) -> None:
    bench.run(60)
    bench.clock.now += 30
    bench.run(30)

    line = recent_line(["GPU-1", "GPU-2"], now=bench.now - 1, seconds=180)["GPU-1"]

    assert line.t0 == BEGIN - 60
    assert line.util[:60] == [None] * 60
    assert line.power[60:124] == [200.0] * 64
    assert line.memory[124:150] == [None] * 26
    assert line.temperature[150:] == [50.0] * 30


def test_a_sample_each_ten_seconds_makes_a_whole_line(bench: Bench) -> None:
    bench.run(120, lambda at: sample_at(at, interval=10.0), every=10)

    line = recent_line(["GPU-1"], now=bench.now, seconds=100)["GPU-1"]

    assert line.util == [40.0] * 100


def test_a_line_goes_on_when_nobody_watches_any_more(bench: Bench) -> None:
    bench.run(40)
    bench.clock.now += 9
    bench.run(60, lambda at: sample_at(at, interval=10.0), every=10)

    line = recent_line(["GPU-1"], now=bench.now, seconds=100)["GPU-1"]

    assert line.util == [40.0] * 100


def test_a_ring_goes_two_hours_after_its_card(bench: Bench) -> None:
    bench.run(3)

    assert 7000 < bench.link.ttl(ring_key("GPU-1")) <= 7200


@pytest.mark.parametrize(
    "raw",
    [b"", b"\xff\x00", b"[]", b"{}", b'{"node": "gpu-02"}', b"x" * 300_000],
)
def test_what_cannot_be_read_is_said_and_harms_nothing(
    bench: Bench, raw: bytes
) -> None:
    bench.clock.now = bench.link.time()[0] + 1
    bench.send(raw)
    bench.send(write_sample(sample_at(bench.now)))

    bench.step()

    (host,) = nodes_now(bench.now)
    assert host.state is NodeState.LIVE
    assert "cannot be read" in host.trouble


def test_a_flood_of_rubbish_is_one_line_in_the_log(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    bench.step()
    for _each in range(20):
        bench.send(b"rubbish")

    bench.step()

    assert len([each for each in caplog.records if "Trouble" in each.msg]) == 1


def test_a_host_that_does_well_again_has_no_trouble_after_a_minute(
    bench: Bench,
) -> None:
    bench.clock.now = bench.link.time()[0] + 1
    bench.send(b"rubbish")
    bench.step()

    bench.clock.now += 70
    bench.hear(sample_at(bench.now))

    assert nodes_now(bench.now)[0].trouble == ""


def test_only_hosts_of_ours_are_heard(bench: Bench) -> None:
    bench.send(write_sample(make_sample("gpu-02", bench.now)), node="gpu-02")

    bench.step()

    assert [host.name for host in nodes_now(bench.now)] == ["gpu-01"]


def test_a_host_that_is_added_is_heard_within_seconds(bench: Bench) -> None:
    bench.step()
    make_node("gpu-02")
    bench.send(write_sample(make_sample("gpu-02", bench.now)), node="gpu-02")

    bench.clock.now += 3
    bench.step()

    assert [host.sample is not None for host in nodes_now(bench.now)] == [False, True]


def test_a_key_that_is_no_stream_does_not_end_the_reading_of_others(
    bench: Bench, link: redis.Redis
) -> None:
    make_node("gpu-02")
    link.set(samples_key("gpu-02"), "mine")
    bench.send(write_sample(sample_at(bench.now)))

    bench.step()

    assert nodes_now(bench.now)[0].sample is not None


def test_a_stream_that_began_anew_is_read_on(bench: Bench) -> None:
    bench.link.xadd(samples_key("gpu-01"), {"sample": b""}, id="99999999999999-0")
    bench.step()
    bench.link.delete(samples_key("gpu-01"))
    bench.send(write_sample(sample_at(bench.now)))

    bench.clock.now += 3
    bench.step()

    assert nodes_now(bench.now)[0].sample is not None


def test_samples_that_waited_are_as_old_as_they_are(bench: Bench) -> None:
    bench.step()
    bench.send(write_sample(sample_at(bench.now)))

    bench.clock.now += 2.5
    bench.step()

    age = nodes_now(bench.now)[0].age
    assert age is not None
    assert 2 < age <= 2.51


def test_no_host_writes_the_history_of_another_ones_card(bench: Bench) -> None:
    make_node("gpu-02")
    bench.run(5)

    stolen = make_card(values={Metric.UTIL: 1.0})
    bench.hear(make_sample("gpu-02", bench.now - 1, cards=(stolen,)))

    line = recent_line(["GPU-1"], now=bench.now - 1, seconds=5)["GPU-1"]
    assert line.util == [40.0] * 5
    assert "another host" in nodes_now(bench.now)[1].trouble


def test_a_card_that_its_host_does_not_have_any_more_may_turn_up_elsewhere(
    bench: Bench,
) -> None:
    make_node("gpu-02")
    bench.run(5)

    bench.clock.now += 301
    bench.hear(make_sample("gpu-02", bench.now))

    assert Gpu.objects.filter(uuid="GPU-1").count() == 2


def test_a_host_cannot_fill_the_house_with_cards(bench: Bench) -> None:
    for round_ in range(4):
        cards = tuple(make_card(f"GPU-{round_}-{i}") for i in range(64))
        bench.hear(sample_at(bench.now, cards=cards))
        bench.clock.now += 1

    assert Gpu.objects.count() == 128
    assert "more cards" in nodes_now(bench.now)[0].trouble


def test_a_card_that_never_told_its_name_is_shown_but_has_no_row(bench: Bench) -> None:
    make_node("gpu-02")
    nameless = make_card("unknown-0", lost=True)

    for node in ("gpu-01", "gpu-02"):
        bench.hear(make_sample(node, bench.now, cards=(nameless, make_card(node))))

    assert {each.uuid for each in Gpu.objects.all()} == {"gpu-01", "gpu-02"}
    assert [len(each.sample.cards) for each in nodes_now(bench.now) if each.sample] == [
        2,
        2,
    ]
    assert {each.trouble for each in nodes_now(bench.now)} == {""}
