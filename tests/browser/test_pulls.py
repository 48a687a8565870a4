"""Pulls as people see them: live, the same after a reload, and asked for by members."""

import subprocess
import sys
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from dashboard.runner.programs import BASE_DIR
from tests.fakes.ollama import ollama
from tests.fakes.ollama_state import FakeOllama
from tests.house import House, environment

People = Callable[..., Page]
SIZE, RATE = 40_000_000, 20_000_000
SOON = 20_000
MOST_UPDATES = 4
WATCH = """() => {
  window.updates = [];
  const note = () => {
    const now = performance.now();
    // What changes in one task is one update of the page.
    if (now - (window.updates.at(-1) ?? -1000) > 5) window.updates.push(now);
  };
  const panel = document.querySelector("[data-pull-panel]");
  new MutationObserver(note).observe(panel, {
    subtree: true, childList: true, characterData: true, attributeFilter: ["value"],
  });
}"""
BUSIEST = """() => Math.max(0, ...window.updates.map(
  (from) => window.updates.filter((at) => at >= from && at < from + 1000).length))"""


@pytest.fixture(scope="module")
def fake(house: House, states: object) -> Iterator[FakeOllama]:
    """An Ollama of the house whose pulls last two seconds."""
    with ollama() as fake:
        fake.rate = RATE
        command = (sys.executable, str(BASE_DIR / "manage.py"), "add_backend", "gpu-01")
        subprocess.run(
            (*command, fake.url, "--kind", "ollama"),
            env=environment(house.data),
            check=True,
        )
        yield fake


def pull(page: Page, name: str) -> None:
    page.goto("/models/")
    page.get_by_text("Pull a model", exact=True).click()
    page.get_by_label("Model", exact=True).fill(name)
    page.locator("#pull-form").get_by_label("gpu-01").check()
    page.get_by_role("button", name="Pull", exact=True).click()


def row(page: Page, name: str) -> Locator:
    return page.locator("[data-pull]").filter(has_text=name)


def until_moving(page: Page, name: str) -> None:
    bar = row(page, name).locator("progress[max]")
    expect(bar).to_have_attribute("max", str(SIZE), timeout=SOON)
    expect(row(page, name)).to_contain_text("40 MB")


def ask(page: Page, name: str, why: str) -> None:
    page.goto("/models/")
    page.get_by_text("Ask for a model", exact=True).click()
    page.get_by_label("Model", exact=True).fill(name)
    page.get_by_label("What for").fill(why)
    page.get_by_role("button", name="Ask", exact=True).click()


def test_a_pull_moves_is_cancelled_and_retried_without_a_reload(
    ada: Page, fake: FakeOllama
) -> None:
    fake.offer("moving", SIZE)
    pull(ada, "moving")
    until_moving(ada, "moving")
    before = fake.transferred

    ada.get_by_role("button", name="Cancel moving").click()
    fake.until_open(0, seconds=2)

    expect(row(ada, "moving")).to_contain_text("Cancelled.", timeout=SOON)
    assert 0 < before < SIZE
    ada.get_by_role("button", name="Retry moving").click()
    expect(row(ada, "moving")).to_contain_text("It is there", timeout=SOON)
    listed = ada.get_by_role("rowheader", name="moving:latest")
    expect(listed).to_be_visible(timeout=SOON)
    assert fake.transferred == SIZE
    ada.get_by_role("button", name="Dismiss moving").click()
    expect(row(ada, "moving")).to_have_count(0)


def test_a_reload_shows_the_same_and_the_page_changes_four_times_a_second_at_most(
    ada: Page, fake: FakeOllama
) -> None:
    for name in ("beside-1", "beside-2", "shown"):
        fake.offer(name, SIZE if name == "shown" else 10 * SIZE)
        pull(ada, name)
    ada.evaluate(WATCH)
    until_moving(ada, "shown")
    fake.rate = 0
    expect(row(ada, "shown")).to_contain_text("no data for", timeout=SOON)
    left = row(ada, "shown").locator("[data-text]").inner_text().split(" · ")[0]
    value = row(ada, "shown").locator("progress").get_attribute("value")
    busiest, updates = ada.evaluate(BUSIEST), ada.evaluate("window.updates.length")

    ada.reload()

    expect(row(ada, "shown")).to_contain_text(left)
    expect(row(ada, "shown").locator("progress")).to_have_attribute(
        "value", value or ""
    )
    assert 2 < busiest <= MOST_UPDATES < updates
    fake.rate = RATE
    expect(row(ada, "shown")).to_contain_text("It is there", timeout=SOON)
    for name in ("beside-1", "beside-2"):
        ada.get_by_role("button", name=f"Cancel {name}").click()
    fake.until_open(0)


def test_a_list_that_was_not_to_be_had_is_fetched_at_the_next_change(
    ada: Page, fake: FakeOllama
) -> None:
    fake.offer("missed", SIZE)
    ada.route("**/models/pulls/", lambda route: route.abort(), times=1)

    with ada.expect_event("requestfailed", timeout=SOON):
        pull(ada, "missed")

    expect(row(ada, "missed")).to_contain_text("It is there", timeout=SOON)


def test_what_is_wrong_with_a_name_stands_at_it_and_the_name_stays(
    ada: Page, fake: FakeOllama
) -> None:
    pull(ada, "no/such/name/at all")

    field = ada.get_by_label("Model", exact=True)
    expect(ada.locator("#pull-form")).to_contain_text("is no name that gpu-01 takes")
    expect(field).to_have_value("no/such/name/at all")
    expect(field).to_be_focused()


def test_a_declined_wish_is_told_at_once_on_the_page_and_in_the_chat(
    ada: Page, olive: Page, person: People, fake: FakeOllama
) -> None:
    ada.goto("/models/")
    ask(olive, "huge", "To compare.")
    chat = person("olive")
    chat.goto("/")

    expect(ada.get_by_text("“To compare.”")).to_be_visible()
    ada.get_by_label("A word to those who asked").fill("Too large.")
    ada.get_by_role("button", name="Decline huge").click()

    told = olive.locator(".notice").filter(has_text="was declined: Too large.")
    expect(told).to_be_visible()
    unread = chat.get_by_role("link", name="Models").locator(".unread")
    expect(unread).to_be_visible()
    expect(ada.get_by_text("“To compare.”")).to_have_count(0)
    told.get_by_role("button").click()
    expect(told).to_have_count(0)
    expect(unread).to_have_count(0)


def test_an_approved_wish_is_pulled_and_told_when_it_is_there(
    ada: Page, olive: Page, fake: FakeOllama
) -> None:
    fake.offer("wanted", 1_000_000)
    ask(olive, "wanted", "For all.")

    ada.goto("/models/")
    ada.locator(".pull-asked").get_by_label("gpu-01").check()
    ada.get_by_role("button", name="Approve wanted").click()

    expect(olive.locator(".notice")).to_contain_text("is there now", timeout=SOON)
    expect(olive.locator(".pull-own").first).to_contain_text("is there")
    expect(olive.get_by_role("rowheader", name="wanted:latest")).to_be_visible(
        timeout=SOON
    )


def test_a_bar_in_the_admin_moves_by_itself(ada: Page, fake: FakeOllama) -> None:
    fake.offer("office", SIZE)
    pull(ada, "office")
    until_moving(ada, "office")

    ada.goto("/admin/models_app/pull/")

    line = ada.locator("#result_list tbody tr").filter(has_text="office")
    expect(line.locator("progress")).to_be_attached()
    expect(line).to_contain_text("done", timeout=SOON)
    expect(line.locator("progress")).to_have_count(0)
