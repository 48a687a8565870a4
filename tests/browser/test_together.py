"""Three people in one conversation: everything that they do there together, once through."""

import re
from collections.abc import Callable

from playwright.sync_api import Locator, Page, expect

from tests.browser.test_first_light import SLOW, SOON, closed, say, until_word
from tests.fakes.paced import WORDS

People = Callable[..., Page]
A_SECOND = 1000


def messages(page: Page) -> Locator:
    return page.locator("[data-messages] article")


def message(page: Page, text: str) -> Locator:
    return messages(page).filter(has_text=text)


def write(page: Page, text: str) -> None:
    page.get_by_label("Your message").fill(text)
    page.get_by_label("Your message").press("Enter")


def numbers(reply: Locator) -> list[int]:
    said = reply.locator(".message-body").inner_text()
    return [int(each) for each in re.findall(r"word(\d+)", said)]


def begun(page: Page) -> str:
    """A conversation of ada's whose first reply was stopped; its address."""
    say(page, "Shall we begin?", target=SLOW)
    until_word(page, 3)
    page.get_by_role("button", name="Stop").click()
    closed(page)
    return page.url


def let_in(page: Page, username: str, role: str) -> None:
    page.get_by_label("Let a teammate in").select_option(username)
    page.get_by_label("Role of the teammate").select_option(role)
    page.get_by_role("button", name="Let in").click()
    expect(page.get_by_text(f"{username} is in.")).to_be_visible()


def link(page: Page, role: str) -> str:
    """A fresh link into the conversation."""
    page.get_by_label("Role by the link").select_option(role)
    page.get_by_role("button", name="Make a link").click()
    return page.locator("a.handover").get_attribute("href") or ""


def test_three_people_in_one_conversation(person: People) -> None:
    ada, olive, otto = person("ada"), person("olive"), person("otto")
    address = begun(ada)

    # By name, as a viewer; and by a link, as a member.
    ada.goto(f"{address}people/")
    let_in(ada, "olive", "viewer")
    otto.goto(link(ada, "member"))
    expect(otto.get_by_text("ada invites you to this conversation")).to_be_visible()
    otto.get_by_role("button", name="Join").click()
    ada.goto(address)
    olive.goto(address)
    for page in (ada, olive, otto):
        expect(messages(page)).to_have_count(2)

    # Everybody sees who is here.
    for page in (ada, olive, otto):
        expect(page.locator("[data-head] .here")).to_have_count(3, timeout=SOON)

    # A viewer reads, and finds nothing to write with, until she may.
    expect(olive.get_by_text("You may read here.")).to_be_visible()
    for way in ("Your message", "Stop", "Retry", "Edit"):
        expect(olive.get_by_label(way)).to_have_count(0)
    ada.goto(f"{address}people/")
    ada.get_by_label("Role of olive").select_option("member")
    ada.get_by_role("listitem").filter(has_text="olive").get_by_role(
        "button", name="Save"
    ).click()
    expect(olive.get_by_label("Your message")).to_be_visible(timeout=SOON)
    ada.goto(address)
    # A page that hears who is here hears who types.
    expect(ada.locator("[data-head] .here")).to_have_count(3, timeout=SOON)

    # Who is typing is told to the others, and to nobody else.
    olive.get_by_label("Your message").press_sequentially("Quickly, ")
    for page in (ada, otto):
        expect(page.get_by_text("olive is typing…")).to_be_visible()
    expect(olive.locator("[data-typing]")).to_be_empty()

    # Two ask at once: two replies, one after the other, each with its own words.
    write(olive, "Olive asks.")
    write(otto, "Otto asks.")
    for page in (ada, olive, otto):
        expect(messages(page)).to_have_count(6, timeout=SOON)
        expect(page.locator("[data-open]")).to_have_count(2)
    expect(ada.locator("[data-typing]")).to_be_empty()
    order = messages(ada).evaluate_all("all => all.map(one => one.dataset.message)")
    for page in (olive, otto):
        assert order == messages(page).evaluate_all(
            "all => all.map(one => one.dataset.message)"
        )

    # Whoever may write stops the one and leaves the other alone.
    first, second = messages(otto).nth(3), messages(otto).nth(5)
    expect(first).to_contain_text("word20 ", timeout=SOON)
    first.get_by_role("button", name="Stop").click()
    expect(first).to_contain_text("stopped")
    expect(second).to_contain_text("word60 ", timeout=SOON)
    for page in (ada, olive, otto):
        closed(page)
        assert numbers(messages(page).nth(5)) == list(range(WORDS))
    stopped = numbers(first)
    assert stopped == list(range(len(stopped)))
    assert len(stopped) < WORDS

    # Names and colours are the same for all.
    tones = [
        message(page, "Otto asks.").locator(".avatar").get_attribute("class")
        for page in (ada, olive, otto)
    ]
    assert len(set(tones)) == 1
    expect(message(olive, "Otto asks.").locator("b")).to_have_text("otto")

    # What is said while one is elsewhere is new when one comes back.
    olive.goto("/")
    write(otto, "News for Olive.")
    entry = olive.locator("[data-list] li", has_text="Shall we begin?")
    expect(entry.locator(".unread")).to_be_visible(timeout=SOON)
    otto.get_by_role("button", name="Stop").click()
    closed(otto)
    entry.get_by_role("link").click()
    expect(olive.locator(".new-from")).to_have_count(1)
    expect(entry.locator(".unread")).to_be_hidden()

    # A branch of one moves nobody else.
    message(otto, "News for Olive.").get_by_role("link", name="Edit").click()
    expect(otto.get_by_label("Your message")).to_have_value("News for Olive.")
    write(otto, "Other news.")
    expect(message(otto, "Other news.")).to_have_count(1, timeout=SOON)
    expect(message(ada, "News for Olive.")).to_contain_text("1 / 2", timeout=SOON)
    expect(message(ada, "Other news.")).to_have_count(0)
    otto.get_by_role("button", name="Stop").click()
    closed(otto)

    # A removed person's page closes within a second, and the link is no way back.
    ada.goto(f"{address}people/")
    ada.get_by_label("Remove otto").click()
    ada.locator("main").get_by_role("button", name="Remove").click()
    otto.wait_for_url(lambda url: "/c/" not in url, timeout=A_SECOND)
    expect(otto.get_by_text("not in that conversation any more")).to_be_visible()
    assert otto.request.get(address).status == 404

    # Hand over, then leave.
    ada.get_by_label("Make olive the owner").click()
    ada.locator("main").get_by_role("button", name="Hand over").click()
    expect(ada.get_by_text("olive is the owner now.")).to_be_visible()
    ada.get_by_role("link", name="Leave the conversation").click()
    ada.locator("main").get_by_role("button", name="Leave").click()
    expect(ada.get_by_text("You have left the conversation.")).to_be_visible()
    expect(olive.locator("[data-head] [data-person]")).to_have_count(1, timeout=SOON)

    # Not even an administrator reads it now, but for a reason that is shown.
    assert ada.request.get(address).status == 404
    number = re.findall(r"/c/(\d+)/", address)[0]
    ada.goto(f"/admin/chat/conversation/{number}/open/")
    ada.get_by_label("Reason").fill("Olive asked me to look at it.")
    ada.get_by_role("button", name="Open and tell its people").click()
    expect(ada.get_by_text("Shall we begin?").first).to_be_visible()
    expect(olive.locator("[data-head]")).to_contain_text(
        "Olive asked me to look at it.", timeout=SOON
    )

    # A runaway reply is stopped by an administrator who reads no word of it.
    write(olive, "Run away.")
    expect(messages(olive).last).to_contain_text("word10 ", timeout=SOON)
    ada.goto("/admin/")
    ada.get_by_role("link", name="Open replies").first.click()
    expect(ada.locator("#result_list")).to_contain_text("olive")
    assert "word" not in ada.locator("#result_list").inner_text()
    ada.locator("#result_list tbody input[type=checkbox]").first.check()
    ada.get_by_label("Action:").select_option(label="Stop")
    ada.get_by_role("button", name=re.compile("Run|Go")).click()
    expect(messages(olive).last).to_contain_text("stopped", timeout=SOON)
