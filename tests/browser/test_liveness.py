"""A page notices a link that is dead and looks open, and misses nothing for it."""

import dataclasses
import json
import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import redis
from channels.layers import get_channel_layer
from playwright.sync_api import Page, WebSocket, expect

from dashboard.live.backlog import LIMIT
from dashboard.live.consumer import TRY_LATER
from dashboard.live.events import HOUSE
from dashboard.runner.valkey import valkey_address
from tests.browser.conftest import ADA
from tests.browser.test_first_light import SLOW, SOON, People, closed, say, share
from tests.browser.test_nothing_lost import HELLO, begin, times_said
from tests.fakes.wire import Wire, wired
from tests.house import House, free_port, opened
from tests.processes import alive, until

ONLINE = "() => dispatchEvent(new Event('online'))"
VISIBLE = "() => document.dispatchEvent(new Event('visibilitychange'))"
KNOCK = """() => new Promise((done) => {
    new WebSocket(`ws://${location.host}/ws/`).onclose = ({ code }) => done(code);
})"""
# As live.js has them.
HEARTBEAT, SILENCE, OPENING = 15_000, 5_000, 10_000
Frame = dict[str, Any]
FILLER = "x" * 20_000


@pytest.fixture(scope="module")
def port() -> int:
    return free_port()


@pytest.fixture(scope="module")
def wire(port: int) -> Iterator[Wire]:
    with wired(port) as wire:
        yield wire


@pytest.fixture(scope="module")
def house(
    tmp_path_factory: pytest.TempPathFactory, wire: Wire, port: int
) -> Iterator[House]:
    """A house that everybody reaches over the wire."""
    data = tmp_path_factory.mktemp("house")
    where = {"PADDOCK_PORT": str(port), "PADDOCK_URL": wire.url}
    with opened(data, **where, **ADA) as house:
        yield dataclasses.replace(house, port=wire.port)


def come_online(page: Page) -> None:
    page.evaluate(ONLINE)
    page.clock.fast_forward(SILENCE)


def come_back_to(page: Page) -> None:
    page.evaluate(VISIBLE)
    page.clock.fast_forward(SILENCE)


def wait_for_a_heartbeat(page: Page) -> None:
    page.clock.fast_forward(HEARTBEAT)
    page.clock.fast_forward(SILENCE)


@pytest.mark.parametrize("notice", [come_online, come_back_to, wait_for_a_heartbeat])
def test_a_dead_link_that_looks_open_is_noticed_and_nothing_is_missed(
    ada: Page, person: People, wire: Wire, notice: Callable[[Page], None]
) -> None:
    ada.clock.install()
    begin(ada)
    share(ada, "olive")
    expect(ada.locator("[data-head] .here")).to_have_count(1)
    wire.go_dead()
    olive = person("olive")
    olive.goto(ada.url)
    say(olive, "Are you still there?")
    olive.get_by_role("button", name="Stop").click()
    closed(olive)
    expect(ada.locator("article")).to_have_count(2)

    notice(ada)

    expect(ada.locator("article")).to_have_count(4, timeout=SOON)
    closed(ada)
    expect(ada.get_by_text("Are you still there?")).to_be_visible()


def test_what_is_said_into_a_dead_link_arrives_once(ada: Page, wire: Wire) -> None:
    ada.clock.install()
    begin(ada)
    _, said = frames_of(ada)
    expect(ada.locator("[data-head] .here")).to_have_count(1)
    wire.go_dead()
    ada.clock.fast_forward(SILENCE)

    say(ada, HELLO, target=SLOW)

    # It asks whether the link is alive, without waiting for a heartbeat.
    heard_in_time(ada, said, "ping")
    assert times(said, "message.send") == 1
    ada.clock.fast_forward(SILENCE)
    expect(ada.locator("article")).to_have_count(4, timeout=SOON)
    closed(ada)
    assert times_said(ada, HELLO) == 1
    expect(ada.get_by_label("Your message")).to_have_value("")


def test_a_new_link_that_says_no_hello_is_given_up_as_well(
    ada: Page, wire: Wire
) -> None:
    ada.clock.install()
    heard, _ = frames_of(ada)
    heard_in_time(ada, heard, "hello")
    with wire.deaf(), ada.expect_websocket():
        wait_for_a_heartbeat(ada)

    ada.clock.fast_forward(OPENING)

    expect(ada.locator("[data-offline]")).to_be_visible()
    expect(ada.locator("[data-offline]")).to_be_hidden(timeout=SOON)


def test_a_page_that_is_cut_off_counts_nothing_on_until_it_is_back(
    ada: Page, wire: Wire
) -> None:
    ada.clock.install()
    say(ada, "Count.", target=SLOW)
    counted = ada.locator("article").last.locator("[data-phase-writing]")
    expect(counted).to_contain_text("tok/s", timeout=SOON)

    with wire.deaf():
        with ada.expect_websocket():
            ada.clock.fast_forward(SILENCE)
            ada.clock.fast_forward(SILENCE)
        ada.clock.fast_forward(OPENING)
        expect(counted).to_have_text("Not known while the connection is lost")

    ada.clock.fast_forward(OPENING)
    expect(counted).to_contain_text("tok/s", timeout=SOON)
    ada.get_by_role("button", name="Stop").click()
    closed(ada)


def test_a_link_that_answers_is_kept(ada: Page) -> None:
    ada.clock.install()
    heard, _ = frames_of(ada)
    heard_in_time(ada, heard, "hello")

    for number in (1, 2):
        ada.evaluate(ONLINE)
        heard_in_time(ada, heard, "pong", number)
        ada.clock.fast_forward(max(SILENCE, OPENING))

    ada.wait_for_timeout(1000)
    assert times(heard, "hello") == 1


def test_a_page_opened_while_valkey_is_down_comes_back_by_itself(
    ada: Page, house: House
) -> None:
    with without_valkey(house):
        assert ada.evaluate(KNOCK) == TRY_LATER
        ada.reload()
        expect(ada.locator("[data-offline]")).to_be_visible()

    expect(ada.locator("[data-offline]")).to_be_hidden(timeout=SOON)
    begin(ada)


@contextmanager
def without_valkey(house: House) -> Iterator[None]:
    """Valkey is killed, and nobody starts it again while the block runs."""
    pid = house.pid_of("valkey-server")
    os.kill(house.runner.pid, signal.SIGSTOP)
    try:
        os.kill(pid, signal.SIGKILL)
        until(lambda: not alive(pid))
        yield
    finally:
        os.kill(house.runner.pid, signal.SIGCONT)


def frames_of(page: Page) -> tuple[list[Frame], list[Frame]]:
    """What the page hears and says from its next load on."""
    heard: list[Frame] = []
    said: list[Frame] = []

    def listen(link: WebSocket) -> None:
        link.on("framereceived", lambda frame: heard.append(json.loads(frame)))
        link.on("framesent", lambda frame: said.append(json.loads(frame)))

    page.on("websocket", listen)
    page.reload()
    return heard, said


def times(frames: list[Frame], kind: str) -> int:
    return [each["kind"] for each in frames].count(kind)


def heard_in_time(page: Page, frames: list[Frame], kind: str, number: int = 1) -> None:
    """Wait until the page has had so many of these frames; Playwright notes them."""
    deadline = time.monotonic() + 3 * SOON / 1000
    while times(frames, kind) < number:
        assert time.monotonic() < deadline, f"No {kind} came in time."
        page.wait_for_timeout(10)


def until_linked(page: Page, heard: list[Frame], link: redis.Redis) -> None:
    """Wait until what is told in Valkey arrives; the test before this one had it killed."""
    deadline = time.monotonic() + 3 * SOON / 1000
    while not times(heard, "warm"):
        assert time.monotonic() < deadline, "Nothing is heard."
        tell_all(link, 0, kind="warm")
        page.wait_for_timeout(100)


def tell_all(link: redis.Redis, number: int, *, kind: str = "filler") -> None:
    frame = json.dumps({"kind": kind, "number": number, "text": FILLER})
    envelope = {"type": "live.event", "group": HOUSE, "frame": frame}
    event = get_channel_layer().serialize(envelope)
    link.publish(f"paddock__group__{HOUSE}", event)


def test_a_page_that_reads_all_it_is_sent_is_never_cut(ada: Page, house: House) -> None:
    heard, said = frames_of(ada)
    count = 2 * LIMIT // len(FILLER)

    with redis.Redis.from_url(valkey_address(house.data)) as link:
        until_linked(ada, heard, link)
        for number in range(count):
            tell_all(link, number)
            heard_in_time(ada, heard, "filler", number + 1)

    numbers = [each["number"] for each in heard if each["kind"] == "filler"]
    assert numbers == list(range(count))
    since = [each["kind"] for each in heard].index("filler")
    assert {each["kind"] for each in heard[since:]} <= {
        "filler",
        "warm",
        "models.changed",
    }
    assert [each for each in said if each["kind"] == "ack"]


def in_live(page: Page, work: str) -> Any:
    """What pure functions of live.js answer."""
    return page.evaluate(
        f"async () => {{ const live = await import('/static/js/live.js'); {work} }}"
    )


def test_a_page_waits_longer_each_time_and_never_more_than_five_seconds(
    ada: Page,
) -> None:
    waits = in_live(
        ada, "return [0, 1, 2, 9].flatMap((n) => [live.pause(n, 0), live.pause(n, 1)]);"
    )

    assert waits == [125, 250, 250, 500, 500, 1000, 2500, 5000]


@pytest.mark.parametrize(
    ("frames", "length", "now", "due"),
    [
        (49, 1, 999, False),
        (50, 1, 999, True),
        (1, 65_535, 999, False),
        (1, 65_536, 999, True),
        (1, 1, 1000, True),
    ],
)
def test_frames_are_acknowledged_by_count_by_size_and_by_age(
    ada: Page, frames: int, length: int, now: int, due: bool
) -> None:
    given = f"let got = live.nothingYet(); for (let i = 0; i < {frames}; i++)"
    given += f" got = live.withFrame(got, {length}); "

    assert in_live(ada, f"{given} return live.isDue(got, {now});") is due
    told = f"got = live.whenTold(got, {now}); return live.isDue(got, {now + 999});"
    assert in_live(ada, given + told) is False
