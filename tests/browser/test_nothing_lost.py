"""What a person typed is there again, whatever happened to the page in between."""

import os
import re
import signal
from contextlib import suppress
from typing import Any
from uuid import uuid4

from playwright.sync_api import Error, Page, expect

from tests.browser.conftest import sign_in
from tests.browser.test_first_light import SLOW, SOON, People, closed, say, until_word
from tests.house import House

HELLO = "Hello once."


def text_of(page: Page) -> str:
    return page.get_by_label("Your message").input_value()


def begin(page: Page) -> None:
    say(page, "Begin.", target=SLOW)
    until_word(page, 2)
    page.get_by_role("button", name="Stop").click()
    closed(page)


def times_said(page: Page, text: str) -> int:
    said = page.locator("article:not(:has(.avatar-reply)) [data-blocks]")
    return said.all_inner_texts().count(text)


def test_a_draft_is_there_after_a_reload_and_on_another_device(
    ada: Page, person: People
) -> None:
    begin(ada)
    ada.get_by_label("Your message").press_sequentially("Half a thought")
    ada.reload()
    assert text_of(ada) == "Half a thought"

    other = person("ada")
    other.goto(ada.url)

    assert text_of(other) == "Half a thought"
    ada.get_by_label("Your message").fill("")
    ada.reload()
    assert text_of(ada) == ""


def test_a_message_sent_to_a_server_that_is_dying_arrives_once(
    ada: Page, house: House
) -> None:
    begin(ada)
    pid = house.pid_of("manage.py web")
    os.kill(pid, signal.SIGSTOP)
    ada.get_by_label("Your message").fill(HELLO)
    ada.get_by_label("Your message").press("Enter")
    os.kill(pid, signal.SIGKILL)

    expect(ada.locator("article")).to_have_count(4, timeout=60_000)

    expect(ada.get_by_label("Your message")).to_have_value("")
    ada.get_by_role("button", name="Stop").click()
    closed(ada)
    ada.reload()
    assert times_said(ada, HELLO) == 1


def test_a_new_chat_begun_without_a_server_begins_once_it_is_there(
    ada: Page, house: House
) -> None:
    pid = house.pid_of("manage.py web")
    os.kill(pid, signal.SIGKILL)

    say(ada, "Begin without you.")

    ada.wait_for_url("**/c/*/", timeout=60_000)
    assert times_said(ada, "Begin without you.") == 1
    closed(ada)


def test_a_page_closed_before_the_answer_sends_it_from_the_next_one(
    ada: Page, house: House
) -> None:
    begin(ada)
    os.kill(house.pid_of("manage.py web"), signal.SIGKILL)
    ada.get_by_label("Your message").fill(HELLO)
    ada.get_by_label("Your message").press("Enter")
    expect(ada.locator("[data-composer]")).to_have_attribute("aria-busy", "true")
    address = ada.url
    ada.goto("about:blank")
    house.pid_of("manage.py web")

    page = ada.context.new_page()
    while not house.is_well():
        page.wait_for_timeout(100)
    page.goto(address)

    expect(page.locator("article")).to_have_count(4, timeout=SOON)
    page.get_by_role("button", name="Stop").click()
    closed(page)
    assert times_said(page, HELLO) == 1


def frame(page: Page, text: str, *, key: str) -> dict[str, Any]:
    number = int(re.findall(r"/c/(\d+)/", page.url)[0])
    return {
        "kind": "message.send",
        "conversation": number,
        "text": text,
        "key": key,
        "target": SLOW,
        "at": 0,
        "how": "follow",
    }


def put_on_the_shelf(page: Page, sent: dict[str, Any]) -> None:
    """As a page leaves it that was closed before the server had answered."""
    page.evaluate(
        """(frame) => {
          const me = document.querySelector("[data-composer]").dataset.me;
          const name = `paddock.sent.${me}.${frame.conversation}`;
          localStorage.setItem(name, JSON.stringify({ frame, at: Date.now() }));
        }""",
        sent,
    )


def stop_all(page: Page) -> None:
    page.get_by_role("button", name="Stop").click()
    closed(page)


def test_what_is_in_already_is_not_said_again_by_the_next_page(ada: Page) -> None:
    begin(ada)
    sent = frame(ada, HELLO, key=str(uuid4()))
    for _ in range(2):
        put_on_the_shelf(ada, sent)
        ada.reload()
        expect(ada.locator("[data-composer]")).to_have_attribute("aria-busy", "false")
        expect(ada.locator("article")).to_have_count(4)
    stop_all(ada)

    ada.reload()

    assert times_said(ada, HELLO) == 1
    assert text_of(ada) == ""


def test_a_draft_is_not_what_the_next_page_sends(ada: Page) -> None:
    begin(ada)
    ada.get_by_label("Your message").press_sequentially("B is a draft")
    ada.reload()
    put_on_the_shelf(ada, frame(ada, "A was sent", key=str(uuid4())))

    ada.reload()

    expect(ada.locator("article")).to_have_count(4, timeout=SOON)
    stop_all(ada)
    assert times_said(ada, "A was sent") == 1
    assert times_said(ada, "B is a draft") == 0
    expect(ada.get_by_label("Your message")).to_have_value("B is a draft")


def test_a_message_goes_as_a_form_where_sockets_are_blocked(ada: Page) -> None:
    begin(ada)
    ada.route_web_socket("**/ws/", lambda socket: socket.close())
    ada.reload()

    ada.get_by_label("Your message").fill(HELLO)
    ada.get_by_label("Your message").press("Enter")

    expect(ada.locator("article")).to_have_count(4, timeout=SOON)
    assert times_said(ada, HELLO) == 1
    assert text_of(ada) == ""
    ada.get_by_role("button", name="Stop").click()


def test_a_message_that_finds_the_session_ended_is_there_after_signing_in(
    person: People,
) -> None:
    page = person("")
    sign_in(page, "ada", "correct horse battery")
    begin(page)
    address = page.url
    page.route_web_socket("**/ws/", lambda socket: socket.close())
    page.reload()
    page.context.clear_cookies(name="paddock_session")
    page.get_by_label("Your message").fill("Still here")
    page.get_by_label("Your message").press("Enter")
    expect(page.get_by_label("Password")).to_be_visible()
    page.unroute_all()

    sign_in(page, "ada", "correct horse battery")
    page.goto(address)

    expect(page.locator("article")).to_have_count(4, timeout=SOON)
    assert times_said(page, "Still here") == 1


def test_a_reload_amid_other_words_keeps_the_draft(ada: Page) -> None:
    begin(ada)
    ada.get_by_label("Your message").press_sequentially("My long draft")
    ada.get_by_role("link", name="Edit").click()
    expect(ada.get_by_label("Your message")).to_have_value("Begin.")

    ada.reload()

    assert text_of(ada) == "My long draft"


def test_what_one_tab_sends_does_not_cost_the_other_its_draft(ada: Page) -> None:
    begin(ada)
    second = ada.context.new_page()
    second.goto(ada.url)
    second.get_by_label("Your message").press_sequentially("The draft of the other tab")
    second.wait_for_timeout(1500)
    ada.get_by_label("Your message").fill(HELLO)
    ada.get_by_label("Your message").press("Enter")
    expect(second.locator("article")).to_have_count(4, timeout=SOON)
    stop_all(ada)

    second.close()
    ada.reload()

    assert text_of(ada) == "The draft of the other tab"


def test_what_a_removed_person_was_typing_stands_in_their_new_chat(
    ada: Page, olive: Page
) -> None:
    begin(ada)
    address = ada.url
    ada.goto(f"{address}people/")
    ada.get_by_label("Let a teammate in").select_option("olive")
    ada.get_by_role("button", name="Let in").click()
    olive.goto(address)
    olive.get_by_label("Your message").press_sequentially("Dear words")

    ada.get_by_label("Remove olive").click()
    ada.locator("main").get_by_role("button", name="Remove").click()

    olive.wait_for_url(lambda url: "/c/" not in url)
    expect(olive.get_by_label("Your message")).to_have_value("Dear words")


def test_two_clicks_send_one_message(ada: Page) -> None:
    begin(ada)
    ada.get_by_label("Your message").fill(HELLO)

    ada.get_by_role("button", name="Send").dblclick()

    expect(ada.locator("article")).to_have_count(4)
    until_word(ada, 2)
    assert times_said(ada, HELLO) == 1
    ada.get_by_role("button", name="Stop").click()
    closed(ada)


def test_what_was_typed_survives_the_end_of_a_session(person: People) -> None:
    page = person("")
    sign_in(page, "ada", "correct horse battery")
    begin(page)
    address = page.url
    page.get_by_label("Your message").fill("Still here")
    second = page.context.new_page()
    second.goto("/account/")
    second.get_by_role("button", name="Sign out").click()
    expect(second.get_by_label("Password")).to_be_visible()
    # The page may find out by itself at the same moment.
    with suppress(Error):
        page.reload()
    expect(page.get_by_label("Password")).to_be_visible()

    sign_in(page, "ada", "correct horse battery")
    page.goto(address)

    assert text_of(page) == "Still here"
