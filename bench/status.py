"""The status page: from a host's sample to the screen, and calm in a house of many cards."""

import json
import statistics
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import redis
from playwright.sync_api import CDPSession, Page

from bench.browser import chromium, looking
from bench.house import Member, add_members, cpu_seconds, house_up, in_shell
from bench.table import Row
from models_app.gpu.keys import STREAM_LENGTH, samples_key
from models_app.gpu.metrics import DriverState, HostMetric, Metric
from models_app.gpu.samples import Card, Host, NodeSample, Process, write_sample
from tests.house import House

HOSTS, CARDS = 50, 8
SAMPLES = 20
WATCHED = 20
"""Samples whose way to the screen is timed, and seconds of looking at the large house."""
GIB = 2.0**30
SEEN = """() => {
  window.seen = [];
  const note = () => {
    const text = document.querySelector("[data-card] [data-cell=util]").firstChild.data;
    if (seen.at(-1)?.[0] !== text) seen.push([text, performance.timeOrigin + performance.now()]);
  };
  new MutationObserver(note).observe(document.body, { subtree: true, childList: true, characterData: true });
}"""
"""Notes when the first card's utilisation changes on the page, by the clock of the machine."""


def status(data: Path) -> Iterator[Row]:
    """One host with one card, then fifty with eight each, all sampled once a second."""
    with house_up(data, PADDOCK_ENGINE="off") as house:
        link = redis.Redis.from_url(_redis_of(house))
        (member,) = add_members(house, 1)
        in_shell(house, "rows", f"add_nodes({HOSTS})")
        with chromium() as browser, looking(browser, member) as page:
            yield _to_screen(page, member, link)
            yield from _calm(page, house, member, link)


def _redis_of(house: House) -> str:
    found: str = in_shell(house, "rows", "redis_address()")
    return found


@dataclass
class Farm:
    """Hosts that say each second how busy they are."""

    link: redis.Redis
    hosts: int
    cards: int
    seq: int = 0
    sent: list[float] = field(default_factory=list)

    def beat(self, util: float) -> None:
        """One sample of each, all with the first card as busy as that."""
        self.seq += 1
        with self.link.pipeline(transaction=False) as together:
            for host in range(self.hosts):
                raw = write_sample(self._sample(host, util))
                key = samples_key(f"bench-{host:02}")
                together.xadd(key, {"sample": raw}, maxlen=STREAM_LENGTH)
            self.sent.append(time.time())
            together.execute()

    def _sample(self, host: int, util: float) -> NodeSample:
        return NodeSample(
            node=f"bench-{host:02}",
            boot="bench",
            seq=self.seq,
            sent_at=time.time(),
            mono=time.monotonic(),
            interval=1.0,
            driver=DriverState.OK,
            driver_version="580.65.06",
            cards=tuple(self._card(host, each, util) for each in range(self.cards)),
            host=Host(
                values={
                    HostMetric.CPU: util,
                    HostMetric.CORES: 64,
                    HostMetric.LOAD: util / 2,
                    HostMetric.MEMORY_TOTAL: 512 * GIB,
                    HostMetric.MEMORY_AVAILABLE: 400 * GIB,
                    HostMetric.DISK_TOTAL: 4096 * GIB,
                    HostMetric.DISK_FREE: 1024 * GIB,
                }
            ),
        )

    def _card(self, host: int, index: int, util: float) -> Card:
        return Card(
            uuid=f"GPU-bench-{host:02}-{index}",
            index=index,
            name="NVIDIA H200",
            values={
                Metric.UTIL: (util + 7 * index) % 100,
                Metric.MEMORY_USED: 90 * GIB,
                Metric.MEMORY_TOTAL: 140 * GIB,
                Metric.TEMPERATURE: 40 + util / 4,
                Metric.TEMPERATURE_LIMIT: 90,
                Metric.POWER: 200 + 4 * util,
                Metric.POWER_LIMIT: 700,
                Metric.ENERGY: self.seq * 400.0,
                Metric.SM_CLOCK: 1980,
                Metric.THROTTLE: 0,
            },
            processes=(
                Process(pid=1000 + index, memory=int(88 * GIB), name="VLLM::Worker"),
            ),
        )


def _to_screen(page: Page, member: Member, link: redis.Redis) -> Row:
    """How long a sample takes from the host's hand to the page."""
    farm = Farm(link, hosts=1, cards=1)
    farm.beat(1)
    page.goto(f"{member.url}/status/")
    page.wait_for_selector("[data-card] [data-cell=util]")
    page.wait_for_timeout(3000)
    page.evaluate(SEEN)
    farm.sent.clear()
    for each in range(SAMPLES):
        farm.beat(10 + each)
        page.wait_for_timeout(1000)
    noted = json.loads(page.evaluate("JSON.stringify(seen)"))
    seen = dict(reversed(noted))
    waits = [
        at - 1000 * sent
        for number, sent in enumerate(farm.sent)
        for text, at in seen.items()
        if text.split()[0].strip("%\u202f\xa0") == str(10 + number)
    ]
    assert len(waits) == SAMPLES, f"{len(waits)} of {SAMPLES} samples were seen."
    worst = max(waits)
    return Row(
        "status: sample to screen, p50 / worst, ms",
        f"{statistics.median(waits):.0f} / {worst:.0f}",
        target="≤ 250",
    )


def _calm(page: Page, house: House, member: Member, link: redis.Redis) -> Iterator[Row]:
    """What the large house costs the page, the web process and the worker."""
    farm = Farm(link, HOSTS, CARDS, seq=1000)
    farm.beat(50)
    page.wait_for_timeout(2000)
    began = time.perf_counter()
    page.goto(f"{member.url}/status/", wait_until="load")
    opened = time.perf_counter() - began
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable")
    pids = {"web": house.pid_of("manage.py web"), "worker": house.pid_of("-Q short")}
    before = {name: cpu_seconds(pid) for name, pid in pids.items()}
    busy = _task_seconds(session)
    for each in range(WATCHED):
        due = time.monotonic() + 1
        farm.beat(each % 100)
        page.wait_for_timeout(max(0, 1000 * (due - time.monotonic())))
    name = f"status, {HOSTS} hosts × {CARDS} cards"
    yield Row(f"{name}: page opens, s", f"{opened:.2f}")
    share = (_task_seconds(session) - busy) / WATCHED
    yield Row(
        f"{name}: the page's main thread, % of a core", f"{share:.0%}".rstrip("%")
    )
    for process, pid in pids.items():
        share = (cpu_seconds(pid) - before[process]) / WATCHED
        yield Row(f"{name}: {process}, % of a core", f"{share:.0%}".rstrip("%"))


def _task_seconds(session: CDPSession) -> float:
    metrics = session.send("Performance.getMetrics")["metrics"]
    found = (each["value"] for each in metrics if each["name"] == "TaskDuration")
    return float(next(found))
