"""Standing in line for a server that writes one reply at a time, and being sent on."""

import os
import signal
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, StorageState, expect

from tests.browser.conftest import connect
from tests.browser.test_phases import phase_of
from tests.fakes.paced import speaking
from tests.fakes.queueing import BUSY, SHARED, SINGLE, Refuser, Single, Willing
from tests.house import House

People = Callable[..., Page]
SOON = 20_000
SERVER = "gpu-09"


@pytest.fixture(scope="module", autouse=True)
def queueing(
    chromium: Browser, house: House, states: dict[str, StorageState]
) -> Iterator[None]:
    """One server with room for one, and two with the same model, of which the first to be
    asked refuses."""
    with (
        speaking(Single) as single,
        speaking(Refuser) as refuser,
        speaking(Willing) as willing,
    ):
        ada = chromium.new_context(base_url=house.url, storage_state=states["ada"])
        page = ada.new_page()
        connect(page, single, name=SERVER, model=SINGLE, room=1)
        connect(page, willing, name="gpu-11", model=SHARED)
        connect(page, refuser, name="gpu-10", model=SHARED, weight=9)
        ada.close()
        yield


def ask(page: Page, model: str = SINGLE) -> Locator:
    """The reply, whatever it waits for."""
    page.goto("/")
    page.get_by_label("Who answers").select_option(f"model:{model}", timeout=SOON)
    page.get_by_label("Your message").fill("Are you free?")
    page.get_by_role("button", name="Send").click()
    expect(page.locator("article")).to_have_count(2, timeout=SOON)
    return page.locator("article").last


def in_line(person: People) -> list[Locator]:
    """The replies of three people: one is written, the others wait."""
    Single.begin()
    replies = []
    for name, words in (
        ("ada", "The first half,"),
        ("olive", f"Next in line on {SERVER}"),
        ("otto", f"Second in line, behind one other, on {SERVER}"),
    ):
        replies.append(ask(person(name)))
        expect(replies[-1]).to_contain_text(words, timeout=SOON)
    return replies


def test_whoever_waits_is_told_where_and_moves_up(person: People) -> None:
    ada, olive, otto = in_line(person)

    Single.go_on()

    expect(ada).to_contain_text("and the rest.", timeout=SOON)
    expect(olive).to_contain_text("The first half,", timeout=SOON)
    expect(otto).to_contain_text(f"Next in line on {SERVER}", timeout=SOON)
    Single.go_on()
    expect(otto).to_contain_text("The first half,", timeout=SOON)
    expect(olive.locator(".meta")).to_contain_text("s in line")
    Single.go_on()
    expect(otto).to_contain_text("and the rest.", timeout=SOON)


def test_one_click_leaves_the_queue_and_the_next_moves_up(person: People) -> None:
    _, olive, otto = in_line(person)

    olive.get_by_role("button", name="Leave the queue").click()

    expect(otto).to_contain_text(f"Next in line on {SERVER}", timeout=SOON)
    expect(olive.locator(".meta")).to_contain_text("left the queue")
    expect(phase_of(olive)).to_have_count(0)
    expect(olive.get_by_role("button", name="Retry")).to_be_visible()
    Single.go_on()
    expect(otto).to_contain_text("The first half,", timeout=SOON)
    Single.go_on()


def test_whoever_only_waited_is_asked_for_again_when_the_web_process_ends(
    person: People, house: House
) -> None:
    Single.begin()
    ada = ask(person("ada"))
    expect(ada).to_contain_text("The first half,", timeout=SOON)
    olive = ask(person("olive"))
    expect(olive).to_contain_text(f"Next in line on {SERVER}", timeout=SOON)

    os.kill(house.pid_of("manage.py web"), signal.SIGTERM)

    expect(ada.locator(".meta")).to_contain_text("interrupted", timeout=30_000)
    expect(olive).to_contain_text("The first half,", timeout=30_000)
    Single.go_on()
    Single.go_on()
    expect(olive).to_contain_text("and the rest.", timeout=SOON)


def test_an_administrator_stops_anothers_reply_and_the_next_moves_up(
    person: People,
) -> None:
    Single.begin()
    olive = ask(person("olive"))
    expect(olive).to_contain_text("The first half,", timeout=SOON)
    otto = ask(person("otto"))
    expect(otto).to_contain_text(f"Next in line on {SERVER}", timeout=SOON)
    ada = person("ada")
    ada.goto("/status/")
    expect(ada.locator(".door").get_by_role("row", name="otto")).to_contain_text(
        f"waits for a place Next in line on {SERVER}"
    )

    here = ada.locator(".door").get_by_role("row", name="olive")
    here.get_by_role("button", name="Stop").click()

    expect(ada.get_by_text("It is being stopped.")).to_be_visible()
    told = "stopped by ada, an administrator; the text so far is kept"
    expect(olive.locator(".meta")).to_contain_text(told, timeout=SOON)
    expect(olive).to_contain_text("The first half,")
    expect(otto).to_contain_text("The first half,", timeout=SOON)
    served = ada.locator(".door").get_by_role("row", name="otto")
    expect(served).to_contain_text(SERVER, timeout=SOON)
    Single.go_on()
    Single.go_on()


def test_a_reply_tells_who_refused_it_and_who_answered(olive: Page) -> None:
    reply = ask(olive, SHARED)

    expect(reply).to_contain_text("Here I am.", timeout=SOON)
    expect(reply.locator(".message-by")).to_contain_text("gpu-11")
    expect(reply.locator(".meta")).to_contain_text("gpu-10 was asked first")
    expect(reply.locator(".meta")).to_contain_text(BUSY)
