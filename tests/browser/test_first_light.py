"""The main job end to end, as people do it: real engine, real processes, real browser."""

import os
import re
import signal
from collections.abc import Callable

import pytest
from axe_playwright_python.base import AxeResults
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.conftest import PASSWORD, sign_in
from tests.fakes.paced import MODEL, WORDS
from tests.house import House

People = Callable[..., Page]
SOON = 20_000
SLOW = f"model:{MODEL}"


def say(page: Page, text: str, *, target: str = "") -> None:
    if target:
        page.get_by_label("Who answers").select_option(target)
    page.get_by_label("Your message").fill(text)
    page.get_by_label("Your message").press("Enter")


def replies(page: Page) -> list[str]:
    """The text of every message, as a reader sees it."""
    return page.locator("article [data-blocks]").all_inner_texts()


def closed(page: Page) -> None:
    expect(page.locator("article:has(.avatar-reply)").last).to_be_visible()
    expect(page.locator("[data-open]")).to_have_count(0, timeout=60_000)


def shown(page: Page) -> str:
    """What the newest reply shows now."""
    return page.locator("article").last.locator(".message-body").inner_text()


def words(text: str) -> list[int]:
    return [int(number) for number in re.findall(r"word(\d+)", text)]


def until_word(page: Page, number: int) -> None:
    expect(page.locator("article").last).to_contain_text(f"word{number} ", timeout=SOON)


def share(page: Page, username: str) -> None:
    page.get_by_role("link", name="Share").click()
    page.get_by_label("Let a teammate in").select_option(username)
    page.get_by_role("button", name="Let in").click()
    expect(page.get_by_text(f"{username} is in.")).to_be_visible()
    page.get_by_role("link", name="Back").click()


def test_two_people_see_the_real_models_reply_stream_in(ada: Page, olive: Page) -> None:
    say(ada, "Say hello to Olive.")
    closed(ada)
    share(ada, "olive")
    olive.get_by_role("link", name="Say hello to Olive.").click()

    say(olive, "What is the capital of France?")

    for page in (ada, olive):
        expect(page.locator("article")).to_have_count(4, timeout=SOON)
        closed(page)
    assert replies(ada) == replies(olive)
    assert len(replies(ada)[-1]) > 2
    expect(ada.locator("article").last).to_contain_text("tok/s")
    expect(ada.locator("article").last).to_contain_text("first token")


def test_the_text_grows_and_a_stop_keeps_it(ada: Page) -> None:
    say(ada, "Count.", target=SLOW)
    until_word(ada, 30)

    ada.get_by_role("button", name="Stop").click()

    closed(ada)
    expect(ada.locator("article").last).to_contain_text("stopped")
    seen = words(shown(ada))
    assert seen == list(range(len(seen)))
    assert 30 < len(seen) < WORDS


def test_a_reload_and_a_second_tab_go_on_where_the_reply_is(ada: Page) -> None:
    say(ada, "Count on.", target=SLOW)
    until_word(ada, 40)

    ada.reload()
    second = ada.context.new_page()
    second.goto(ada.url)

    for page in (ada, second):
        closed(page)
        assert words(shown(page)) == list(range(WORDS))


def test_a_killed_web_process_keeps_the_text_and_the_page_recovers(
    ada: Page, house: House
) -> None:
    say(ada, "Count until the end.", target=SLOW)
    until_word(ada, 120)
    before = words(shown(ada))
    pid = house.pid_of("manage.py web")

    os.kill(pid, signal.SIGKILL)

    expect(ada.locator("article").last).to_contain_text("interrupted", timeout=30_000)
    kept = words(shown(ada))
    assert kept == list(range(len(kept)))
    # A checkpoint is at most a second old, and a second holds fifty words.
    assert len(kept) >= len(before) - 75
    house.pid_of("manage.py web", unlike=pid)


def test_a_lost_valkey_costs_no_word(ada: Page, house: House) -> None:
    say(ada, "Count through it.", target=SLOW)
    until_word(ada, 60)

    os.kill(house.pid_of("valkey-server"), signal.SIGKILL)

    closed(ada)
    assert words(shown(ada)) == list(range(WORDS))


def test_what_was_typed_survives_a_refusal(ada: Page) -> None:
    say(ada, "Count once.", target=SLOW)
    until_word(ada, 5)

    say(ada, "And this is not lost.")

    expect(ada.get_by_role("alert")).to_contain_text("still being written")
    expect(ada.get_by_label("Your message")).to_have_value("And this is not lost.")
    ada.get_by_role("button", name="Stop").click()
    closed(ada)


def test_a_code_block_has_a_button_that_copies_it(ada: Page) -> None:
    ada.context.grant_permissions(["clipboard-read", "clipboard-write"])
    say(ada, "```python\nprint('hi')\n```")
    closed(ada)

    ada.locator("figure.code .copy").first.click()

    expect(ada.locator("figure.code .copy").first).to_have_text("Copied")
    ada.get_by_label("Your message").focus()
    ada.keyboard.press("Control+v")
    expect(ada.get_by_label("Your message")).to_have_value("print('hi')\n")


def axe(page: Page) -> AxeResults:
    """What axe finds; it must not fetch the style sheets anew, from the wrong place."""
    return Axe().run(page, options={"preload": False})


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_are_clean_for_axe(person: People, scheme: str) -> None:
    # axe writes a style of its own into the page, which the CSP rightly forbids.
    look = {"color_scheme": scheme, "bypass_csp": True}
    found = [axe(person(**look))]
    page = person("ada", **look)
    found.append(axe(page))
    say(page, "# Title\n\n- one\n- two\n\n`code` and **bold**")
    closed(page)
    found.append(axe(page))
    page.get_by_role("link", name="Share").click()
    found.append(axe(page))

    assert [each.generate_report() for each in found if each.violations_count] == []


def test_a_phone_never_scrolls_sideways(person: People) -> None:
    page = person("ada", viewport={"width": 360, "height": 740})
    say(
        page,
        f"{'long' * 60}\n\n```\n{'x = 1; ' * 60}\n```\n\n| a | b |\n|-|-|\n| {'c' * 200} | d |",
    )
    closed(page)

    for path in (page.url, "/", "/conversations/", f"{page.url}people/", "/account/"):
        page.goto(path)
        width = page.evaluate("() => document.documentElement.scrollWidth")
        assert width <= 360, path


def test_the_language_is_switched_and_kept(ada: Page) -> None:
    ada.get_by_role("button", name="简体中文").click()

    expect(ada.get_by_role("link", name="新对话")).to_be_visible()
    ada.goto("/account/")
    expect(ada.locator("html")).to_have_attribute("lang", "zh-hans")


def test_every_page_is_whole_without_javascript(person: People) -> None:
    page = person("ada", java_script_enabled=False)
    page.get_by_label("Your message").fill("Hello without a script.")
    page.get_by_role("button", name="Send").click()

    expect(page.locator("article")).to_have_count(2)
    expect(page.locator("article").first).to_contain_text("Hello without a script.")


def test_signing_out_closes_the_house(person: People) -> None:
    page = person()
    sign_in(page, "olive", PASSWORD)
    page.get_by_role("link", name="olive", exact=True).click()

    page.get_by_role("button", name="Sign out").click()

    page.goto("/")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
