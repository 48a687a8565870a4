"""What a person can do when a server dies in the middle of its reply."""

from collections.abc import Callable, Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Locator, Page, StorageState, expect

from tests.browser.conftest import connect
from tests.fakes import paced as slow
from tests.fakes.paced import speaking
from tests.fakes.wobbly import MODEL, PAUSE, SLOWLY, Wobbler
from tests.house import House

People = Callable[..., Page]
SOON = 20_000


@pytest.fixture(scope="module", autouse=True)
def wobbly(
    chromium: Browser, house: House, states: dict[str, StorageState]
) -> Iterator[None]:
    """A server that dies in the middle, connected."""
    with speaking(Wobbler) as url:
        ada = chromium.new_context(base_url=house.url, storage_state=states["ada"])
        connect(ada.new_page(), url, name="wobbly-01", model=MODEL)
        ada.close()
        yield


def send(page: Page, question: str) -> None:
    """Begin a conversation with the server that dies."""
    page.goto("/")
    page.get_by_label("Who answers").select_option(f"model:{MODEL}")
    page.get_by_label("Your message").fill(question)
    page.get_by_role("button", name="Send").click()


def ask(page: Page, question: str) -> Locator:
    """The reply to a question, broken off."""
    send(page, question)
    return broken_off(page)


def broken_off(page: Page) -> Locator:
    reply = page.locator("article").last
    expect(reply).to_contain_text("wobbly-01 broke off", timeout=SOON)
    expect(reply).to_contain_text("The first half,")
    return reply


def test_continue_brings_the_rest_into_the_same_message(olive: Page) -> None:
    reply = ask(olive, "Tell me both halves.")
    second = olive.context.new_page()
    second.goto(olive.url)

    olive.get_by_role("button", name="Continue").click()

    for page in (olive, second):
        reply = page.locator("article").last
        expect(reply).to_contain_text("The first half, and the rest.", timeout=SOON)
        expect(reply).not_to_contain_text("broke off")
        expect(page.locator("article")).to_have_count(2)
        expect(page.locator("[data-open]")).to_have_count(0)


def test_a_page_that_opens_while_the_reply_pauses_shows_what_it_has_said(
    olive: Page,
) -> None:
    send(olive, f"Say it {SLOWLY}.")

    reply = olive.locator("article").last
    expect(reply).to_contain_text("The first half,", timeout=PAUSE * 900)
    expect(reply).not_to_contain_text("and the rest.")


def test_retry_brings_another_reply_and_keeps_the_first(olive: Page) -> None:
    ask(olive, "Try until you can.")

    olive.get_by_role("button", name="Retry").dblclick()

    articles = olive.locator("article")
    expect(articles.nth(1)).to_contain_text("and the rest.", timeout=SOON)
    expect(articles).to_have_count(2)
    expect(olive.get_by_role("button", name="Retry")).to_have_count(0)
    expect(olive.get_by_role("alert")).to_have_count(0)
    olive.get_by_role("button", name="The version before").click()
    expect(articles.nth(1)).to_contain_text("broke off", timeout=SOON)
    expect(articles.nth(1)).to_contain_text("The first half,")
    expect(olive.get_by_role("button", name="The version after")).to_be_focused()


def test_another_model_answers_the_same_message(olive: Page) -> None:
    ask(olive, "Let somebody else try.")
    olive.get_by_role("link", name="Another model").click()
    expect(olive.locator("article").first).to_contain_text("Let somebody else try.")
    expect(olive.locator("article").last).to_contain_text("wobbly-01 broke off")
    chosen = olive.get_by_label("Who answers")
    expect(chosen).not_to_have_value(f"model:{MODEL}")

    chosen.select_option(f"model:{slow.MODEL}")
    olive.get_by_role("button", name="Ask this model").click()

    expect(olive.locator("article")).to_have_count(2)
    expect(olive.locator("article").last).to_contain_text("word3 ", timeout=SOON)
    expect(chosen).to_have_value(f"model:{slow.MODEL}")
    olive.get_by_role("button", name="Stop").click()


def test_a_refusal_of_what_was_asked_is_shown(olive: Page) -> None:
    ask(olive, "Ask me twice.")
    second = olive.context.new_page()
    second.goto(olive.url)
    second.route("**/messages/**", lambda route: route.abort())
    olive.get_by_label("Your message").fill("Never mind.")
    olive.get_by_label("Your message").press("Enter")
    expect(olive.locator("article")).to_have_count(4)

    second.get_by_role("button", name="Continue").click()

    expect(second.get_by_role("alert")).to_contain_text("has gone on since then")


def test_the_ways_out_work_without_javascript(person: People) -> None:
    page = person("olive", java_script_enabled=False)
    page.get_by_label("Who answers").select_option(f"model:{MODEL}")
    page.get_by_label("Your message").fill("Halves without a script.")
    page.get_by_role("button", name="Send").click()
    reload_until(page, "broke off")

    page.get_by_role("button", name="Continue").click()

    reload_until(page, "The first half, and the rest.")
    expect(page.locator("article")).to_have_count(2)


def reload_until(page: Page, text: str) -> None:
    for _ in range(50):
        if text in page.locator("article").last.inner_text():
            return
        page.wait_for_timeout(200)
        page.goto(page.url)
    pytest.fail(f"{text} never came")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_reply_that_broke_off_is_clean_for_axe(person: People, scheme: str) -> None:
    look = {"color_scheme": scheme, "bypass_csp": True}
    page = person("olive", viewport={"width": 360, "height": 740}, **look)
    ask(page, f"Break in {scheme}.")
    found = [Axe().run(page, options={"preload": False})]
    page.get_by_role("link", name="Another model").click()
    found.append(Axe().run(page, options={"preload": False}))

    assert [each.generate_report() for each in found if each.violations_count] == []
    assert page.evaluate("() => document.documentElement.scrollWidth") <= 360
