"""A conversation that branches: other words, other replies, and the way back to each."""

import pytest
from playwright.sync_api import Locator, Page, Route, WebSocketRoute, expect

from tests.browser.test_first_light import SLOW, SOON, People, closed, say, until_word


def begin(page: Page, text: str) -> None:
    """A conversation whose one reply is stopped early, so that it is short."""
    say(page, text, target=SLOW)
    until_word(page, 3)
    page.get_by_role("button", name="Stop").click()
    closed(page)


def go(page: Page, text: str) -> None:
    """Say something more, and cut its reply short."""
    page.get_by_label("Your message").fill(text)
    page.get_by_label("Your message").press("Enter")
    expect(page.locator("article", has_text=text)).to_have_count(1, timeout=SOON)
    until_word(page, 3)
    page.get_by_role("button", name="Stop").click()
    closed(page)


def said(page: Page) -> list[str]:
    """What people said on the branch that the page shows."""
    mine = page.locator("article:not(:has(.avatar-reply)) [data-blocks]")
    return mine.all_inner_texts()


def menu(article: Locator) -> Locator:
    article.locator(".more summary").click()
    return article


def test_other_words_begin_a_branch_and_an_arrow_leads_back(ada: Page) -> None:
    begin(ada, "First words.")
    go(ada, "And on.")

    ada.get_by_role("link", name="Edit").first.click()
    expect(ada.get_by_label("Your message")).to_have_value("First words.")
    go(ada, "Second words.")

    assert said(ada) == ["Second words."]
    ada.get_by_role("button", name="The version before").click()
    expect(ada.locator("article")).to_have_count(4)
    assert said(ada) == ["First words.", "And on."]
    expect(ada.get_by_role("button", name="The version after")).to_be_focused()
    ada.reload()
    assert said(ada) == ["First words.", "And on."]


def test_the_focus_follows_to_a_version_chosen_while_the_page_was_fetching(
    ada: Page,
) -> None:
    links: list[WebSocketRoute] = []
    held: list[Route] = []

    def link(socket: WebSocketRoute) -> None:
        socket.connect_to_server()
        links.append(socket)

    ada.route_web_socket("**/ws/", link)
    ada.reload()
    begin(ada, "First words.")
    ada.get_by_role("link", name="Edit").first.click()
    expect(ada.get_by_label("Your message")).to_have_value("First words.")
    go(ada, "Second words.")
    ada.route("**/messages/?from=*", lambda route: held.append(route), times=1)
    links[-1].send('{"kind": "refetch"}')
    while not held:
        ada.wait_for_timeout(10)
    before_the_choice = held[0].fetch()

    ada.get_by_role("button", name="The version before").click()
    held[0].fulfill(response=before_the_choice)

    expect(ada.get_by_role("button", name="The version after")).to_be_focused()


def test_the_draft_comes_back_when_other_words_are_called_off(ada: Page) -> None:
    begin(ada, "Something.")
    ada.get_by_label("Your message").fill("Half a thought")
    ada.get_by_role("link", name="Edit").click()
    expect(ada.get_by_label("Your message")).to_have_value("Something.")

    ada.keyboard.press("Escape")

    expect(ada.get_by_label("Your message")).to_have_value("Half a thought")
    expect(ada.get_by_text("they begin a branch")).to_be_hidden()


def test_another_way_on_from_a_reply_in_the_middle(ada: Page) -> None:
    begin(ada, "The root.")
    go(ada, "One way.")

    menu(ada.locator("article").nth(1)).get_by_role("link", name="Branch").click()
    go(ada, "Another way.")

    assert said(ada) == ["The root.", "Another way."]
    ada.get_by_role("button", name="The version before").click()
    expect(ada.locator("article").nth(2)).to_contain_text("One way.")


def test_a_deleted_branch_is_gone_and_the_page_shows_the_other(ada: Page) -> None:
    begin(ada, "Keep this.")
    go(ada, "Keep that.")
    menu(ada.locator("article").nth(1)).get_by_role("link", name="Branch").click()
    go(ada, "Delete that.")
    second = ada.context.new_page()
    second.goto(ada.url)

    menu(ada.locator("article").nth(2)).get_by_role("link", name="Delete").click()
    expect(ada.get_by_text("2 messages in all")).to_be_visible()
    ada.get_by_role("button", name="Delete for everybody").click()

    for page in (ada, second):
        expect(page.locator("article").nth(2)).to_contain_text("Keep that.")
        expect(page.locator(".fork")).to_have_count(0)


def test_a_branch_is_made_and_left_without_javascript(person: People) -> None:
    page = person("ada", java_script_enabled=False)
    page.get_by_label("Your message").fill("Plain words.")
    page.get_by_role("button", name="Send").click()
    until_closed(page)
    page.get_by_role("link", name="Edit").click()
    page.get_by_label("Your message").fill("Plainer words.")

    page.get_by_role("button", name="Send").click()
    until_closed(page)

    assert said(page) == ["Plainer words."]
    page.get_by_role("button", name="The version before").first.click()
    assert said(page) == ["Plain words."]


def until_closed(page: Page) -> None:
    for _ in range(100):
        if not page.locator("[data-open]").count():
            return
        page.wait_for_timeout(200)
        page.goto(page.url)
    pytest.fail("The reply was never closed.")
