"""A long conversation: from its end up to its beginning, and back."""

import re

import pytest
from playwright.sync_api import Page, expect

from bench.house import in_shell
from tests.browser.test_first_light import (
    SLOW,
    SOON,
    People,
    axe,
    closed,
    say,
    until_word,
)
from tests.house import House

LENGTH = 2_000


def begin(page: Page) -> int:
    """A new conversation of ada's, by its number."""
    say(page, "Begin.", target=SLOW)
    until_word(page, 2)
    page.get_by_role("button", name="Stop").click()
    closed(page)
    found = re.search(r"/c/(\d+)/", page.url)
    assert found
    return int(found[1])


AT_END = """() => {
  const log = document.querySelector("[data-log]");
  return log.scrollHeight - log.scrollTop - log.clientHeight < 5;
}"""


def at_end(page: Page) -> bool:
    return bool(page.evaluate(AT_END))


def scroll(page: Page, top: int) -> None:
    page.evaluate("(top) => document.querySelector('[data-log]').scrollTop = top", top)


def test_two_thousand_messages_page_from_their_end(ada: Page, house: House) -> None:
    conversation = begin(ada)
    rows = in_shell(house, "rows", f"add_messages({conversation}, {LENGTH})")
    # They begin a branch of their own beside the first message.
    ada.goto(f"/c/{conversation}/")
    ada.get_by_role("button", name="The version after").click()
    articles = ada.locator("[data-messages] article")
    expect(articles.last).to_have_attribute("data-message", str(rows[-1]))
    ada.reload()

    assert articles.count() == 50
    # The page is there before its scripts are.
    ada.wait_for_function(AT_END, timeout=SOON)
    seen = {50}
    while articles.count() < 200:
        before = articles.count()
        scroll(ada, 0)
        expect(articles).not_to_have_count(before, timeout=SOON)
        seen.add(articles.count())
    shown = [int(each.get_attribute("data-message") or 0) for each in articles.all()]

    assert seen == {50, 100, 150, 200}
    assert shown == rows[-200:]


def test_whoever_reads_above_is_left_there_and_can_go_to_the_newest(
    ada: Page,
) -> None:
    say(ada, "Count long.", target=SLOW)
    until_word(ada, 150)
    ada.set_viewport_size({"width": 700, "height": 360})
    until_word(ada, 170)
    scroll(ada, 0)

    until_word(ada, 200)

    assert ada.evaluate("document.querySelector('[data-log]').scrollTop") == 0
    newest = ada.get_by_role("button", name="To the newest")
    newest.click()
    expect(newest).to_be_hidden()
    until_word(ada, 230)
    assert at_end(ada)
    closed(ada)
    assert at_end(ada)


def test_a_finished_reply_is_announced_once_and_its_words_are_not(ada: Page) -> None:
    say(ada, "Count quietly.", target=SLOW)
    until_word(ada, 20)
    status = ada.locator("[data-announce]")
    assert status.inner_text() == ""
    # What it waits for is told before its words come, and only that.
    words = ada.locator("[data-messages] [aria-live=polite]:not([data-phase] *)")
    assert words.count() == ada.locator("[data-log][aria-live]").count() == 0

    ada.get_by_role("button", name="Stop").click()
    closed(ada)

    expect(status).to_have_text("paced has ended without a whole reply.")


def test_everything_is_done_by_keyboard(ada: Page) -> None:
    begin(ada)
    article = ada.locator("article").first
    ada.get_by_label("Your message").focus()

    ada.keyboard.press("ArrowUp")
    expect(ada.get_by_label("Your message")).to_have_value("Begin.")
    ada.keyboard.press("Escape")
    expect(ada.get_by_label("Your message")).to_have_value("")
    more = article.locator(".more summary")
    more.focus()
    ada.keyboard.press("Enter")
    ada.keyboard.press("Tab")

    assert ada.evaluate("document.activeElement.textContent.trim()") == "Ask again"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_branching_conversation_is_clean_for_axe(person: People, scheme: str) -> None:
    page = person("ada", color_scheme=scheme, bypass_csp=True)
    begin(page)
    page.get_by_role("button", name="Retry").click()
    expect(page.locator(".fork")).to_have_count(1, timeout=SOON)
    page.get_by_role("button", name="Stop").click()
    closed(page)
    page.locator(".more summary").first.click()
    page.get_by_role("link", name="Edit").click()

    found = axe(page)

    assert found.violations_count == 0, found.generate_report()
