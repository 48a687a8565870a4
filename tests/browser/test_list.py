"""The list of conversations, as two people use it at once."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from bench.house import in_shell
from tests.browser.test_first_light import closed, say
from tests.house import House

People = Callable[..., Page]
SOON = 20_000


@pytest.fixture(scope="module")
def many(house: House, states: object) -> None:
    """More conversations of ada's than one page lists."""
    in_shell(house, "rows", "add_conversations('ada', 95)")


def listed(page: Page) -> Locator:
    return page.locator("[data-list] li a")


def search(page: Page, text: str) -> None:
    page.get_by_label("Search in titles").fill(text)


def share(page: Page) -> None:
    page.get_by_role("link", name="Share").click()
    page.get_by_label("Let a teammate in").select_option("olive")
    page.get_by_role("button", name="Let in").click()
    page.get_by_role("link", name="Back").click()


@pytest.mark.usefixtures("many")
def test_typing_finds_titles_and_escape_brings_the_list_back(ada: Page) -> None:
    expect(listed(ada)).to_have_count(40)

    search(ada, "number 77 量化")

    expect(listed(ada)).to_have_count(1)
    expect(ada.locator("[data-found-aloud]")).to_have_text(
        "1 conversation has this in its title"
    )
    expect(ada.get_by_label("Search in titles")).to_be_focused()
    ada.keyboard.press("Escape")
    expect(listed(ada)).to_have_count(40)
    search(ada, "zebra")
    expect(ada.locator("[data-list]")).to_contain_text("No conversation has this")
    ada.get_by_role("link", name="Show all").click()
    expect(listed(ada)).to_have_count(40)
    expect(ada.get_by_label("Search in titles")).to_be_focused()


@pytest.mark.usefixtures("many")
def test_earlier_conversations_come_in_place_and_stay_after_a_change(
    ada: Page,
) -> None:
    ada.get_by_role("link", name="Earlier").click()
    expect(listed(ada)).to_have_count(80)
    expect(listed(ada).nth(40)).to_be_focused()
    ada.get_by_role("link", name="Earlier").click()
    expect(ada.get_by_role("link", name="Earlier")).to_have_count(0)
    shown = listed(ada).count()

    other = ada.context.new_page()
    other.goto("/")
    say(other, "One more at the top.")

    expect(listed(ada)).to_have_count(shown + 1, timeout=SOON)
    expect(listed(ada).first).to_contain_text("One more at the top.")
    links = listed(ada).evaluate_all("all => all.map((each) => each.href)")
    assert len(links) == len(set(links))


@pytest.mark.usefixtures("many")
def test_search_and_earlier_need_no_javascript(person: People) -> None:
    page = person("ada", java_script_enabled=False)
    search(page, "number")
    page.keyboard.press("Enter")
    expect(listed(page)).to_have_count(40)
    expect(page.get_by_label("Search in titles")).to_have_value("number")

    page.get_by_role("link", name="Earlier").click()

    expect(listed(page)).to_have_count(40)
    page.get_by_role("link", name="Earlier").click()
    expect(listed(page)).to_have_count(15)


def test_a_new_title_is_seen_by_the_others_at_once(ada: Page, olive: Page) -> None:
    say(ada, "Name me.")
    closed(ada)
    share(ada)
    olive.get_by_role("link", name="Name me.").click()

    ada.get_by_label("Conversation menu").click()
    ada.get_by_label("Title", exact=True).fill("Another name")
    ada.keyboard.press("Enter")

    for page in (ada, olive):
        expect(page.get_by_role("heading", level=1)).to_have_text("Another name")
        expect(listed(page).filter(has_text="Another name")).to_have_count(1)


def test_a_title_in_the_making_is_left_alone_when_something_changes(ada: Page) -> None:
    say(ada, "Change under me.")
    closed(ada)
    ada.get_by_label("Conversation menu").click()
    field = ada.get_by_label("Title", exact=True)
    field.fill("Half a na")

    other = ada.context.new_page()
    other.goto(ada.url)
    say(other, "Something changes.")
    expect(ada.locator("article")).to_have_count(4, timeout=SOON)
    closed(ada)

    expect(field).to_have_value("Half a na")
    expect(field).to_be_focused()


def test_a_menu_closes_by_escape_and_by_a_click_elsewhere(ada: Page) -> None:
    say(ada, "Open the menu.")
    closed(ada)
    menu, field = (
        ada.get_by_label("Conversation menu"),
        ada.get_by_label("Title", exact=True),
    )
    menu.click()
    field.focus()

    ada.keyboard.press("Escape")

    expect(field).to_be_hidden()
    expect(menu).to_be_focused()
    menu.click()
    expect(field).to_be_visible()
    ada.get_by_role("heading", level=1).click()
    expect(field).to_be_hidden()


def test_what_is_unread_is_marked_until_it_is_opened(ada: Page, olive: Page) -> None:
    say(ada, "Mark me.")
    closed(ada)
    share(ada)
    olive.get_by_role("link", name="Mark me.").click()
    expect(olive.locator("article")).to_have_count(2)
    olive.get_by_role("link", name="New chat").click()
    entry = listed(olive).filter(has_text="Mark me.")
    expect(entry.locator(".unread")).to_have_count(0)

    say(ada, "Here is more.")
    closed(ada)

    expect(entry).to_contain_text("2 new", timeout=SOON)
    entry.click()
    expect(olive.locator("article")).to_have_count(4)
    expect(olive.locator(".unread")).to_be_hidden()
    olive.get_by_role("link", name="New chat").click()
    expect(entry.locator(".unread")).to_have_count(0)


def test_a_conversation_is_deleted_from_its_menu(ada: Page) -> None:
    say(ada, "Delete me.")
    closed(ada)
    ada.get_by_label("Conversation menu").click()
    ada.get_by_role("link", name="Delete conversation").click()

    ada.get_by_role("button", name="Delete for everybody").click()

    expect(ada.get_by_text("The conversation is deleted.")).to_be_visible()
    expect(listed(ada).filter(has_text="Delete me.")).to_have_count(0)
