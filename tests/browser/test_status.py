"""The status page, live: what a host says is on the page, and nothing stirs while nobody looks."""

import re
from collections.abc import Callable, Iterator

import pytest
import redis
from axe_playwright_python.sync_playwright import Axe
from msgspec import structs
from playwright.sync_api import Locator, Page, expect

from dashboard.runner.valkey import valkey_address
from models_app.gpu.keys import WATCHED
from models_app.gpu.metrics import Metric
from models_app.gpu.samples import Card
from tests.fakes.host import Say, hosted
from tests.house import House
from tests.make import make_card
from tests.processes import until

SOON = 20_000
NODE = "wall-01"
HIDE = """(hidden) => {
  Object.defineProperty(document, "hidden", { value: hidden, configurable: true });
  document.dispatchEvent(new Event("visibilitychange"));
}"""

MARK = "**/status/?fragment=mark"
"""What a page asks for once it hears what the house says."""


@pytest.fixture(scope="module")
def say(house: House, states: object) -> Iterator[Say]:
    """Has a host of the house say something, as its agent would."""
    with hosted(house, NODE) as say:
        yield say


def host_on(page: Page) -> Locator:
    return page.locator("section", has=page.get_by_role("heading", name=NODE))


def busy(percent: float) -> Card:
    return make_card("GPU-wall", values={Metric.UTIL: percent})


def test_numbers_move_while_somebody_looks_and_rest_while_nobody_does(
    olive: Page, house: House, say: Say
) -> None:
    olive.goto("/status/")
    host = host_on(olive)
    cell = host.locator("[data-cell=util]")
    expect(host).to_be_visible(timeout=SOON)
    with redis.Redis.from_url(valkey_address(house.data)) as link:
        until(lambda: link.exists(WATCHED))

    say(busy(40))
    expect(cell).to_have_text("40 %", timeout=SOON)
    say(busy(63))
    expect(cell).to_have_text("63 %")

    olive.evaluate(HIDE, True)
    say(busy(71))
    olive.evaluate("fetch('/status.json')")
    expect(cell).to_have_text("63 %")
    olive.evaluate(HIDE, False)
    expect(cell).to_have_text("71 %", timeout=SOON)


def test_a_card_that_is_new_is_fetched_with_its_history(olive: Page, say: Say) -> None:
    olive.goto("/status/")
    say(make_card("GPU-new", name="RTX 5090"))
    olive.get_by_role("link", name="RTX 5090").click(timeout=SOON)

    plot = olive.locator("[data-chart=util]")
    expect(plot).to_contain_text("40 % last")
    box = plot.locator("svg").bounding_box()
    assert box is not None
    olive.mouse.move(box["x"] + box["width"] - 1, box["y"] + 20)
    expect(plot.locator("[data-read]")).to_contain_text("· 40 %")


def test_a_part_that_was_not_to_be_had_is_fetched_at_the_next_change(
    olive: Page, say: Say
) -> None:
    more = make_card("GPU-more", name="RTX 4070")
    say(busy(40))
    olive.goto("/status/")
    expect(host_on(olive).locator("[data-cell=util]")).to_be_visible(timeout=SOON)

    olive.route("**/status/?fragment=*", lambda route: route.abort(), times=1)
    with olive.expect_event("requestfailed", timeout=SOON):
        say(busy(40), more)
    say(busy(40), more)

    expect(host_on(olive)).to_contain_text("RTX 4070", timeout=SOON)


def test_a_card_that_is_lost_counts_no_more_from_that_moment_on(
    olive: Page, say: Say
) -> None:
    one, other = (
        make_card(uuid, values={Metric.POWER: 100.0}) for uuid in ("GPU-wall", "GPU-2")
    )
    power = olive.locator("[data-figure=power] .status-big")
    say(one, other)
    with olive.expect_response(MARK):
        olive.goto("/status/")
    expect(host_on(olive).locator("[data-card=GPU-2]")).to_be_visible(timeout=SOON)
    say(one, other)
    expect(power).to_have_text("200", timeout=SOON)
    olive.route("**/status/?fragment=host*", lambda route: route.abort())

    say(one, structs.replace(other, lost=True))

    expect(power).to_have_text("100", timeout=SOON)


def test_a_brake_that_nobody_knows_keeps_its_number(olive: Page, say: Say) -> None:
    say(make_card("GPU-wall", values={Metric.THROTTLE: 0x1}))
    with olive.expect_response(MARK):
        olive.goto("/status/")
    brakes = host_on(olive).locator("[data-brakes]")
    # The cards of the test before leave with the next sample.
    expect(brakes).to_have_count(1, timeout=SOON)
    expect(brakes).to_be_hidden(timeout=SOON)

    say(make_card("GPU-wall", values={Metric.THROTTLE: 0x1 | 0x4 | 2**40}))

    expect(brakes).to_have_text("at its power limit · 0x10000000000", timeout=SOON)


def test_a_wall_grows_denser_with_what_it_has_to_show(olive: Page, say: Say) -> None:
    say(busy(40))
    olive.goto("/status/?kiosk")
    wall = olive.locator("[data-status]")
    expect(wall).to_have_class(re.compile("status-few"), timeout=SOON)

    say(*(make_card(f"GPU-{each}", index=each) for each in range(12)))

    expect(wall).to_have_class(re.compile("status-some"), timeout=SOON)


def test_a_page_that_still_holds_is_not_fetched_again(olive: Page, say: Say) -> None:
    say(busy(40))
    cell = host_on(olive).locator("[data-cell=util]")
    with olive.expect_response(MARK):
        olive.goto("/status/")
    # The cards of the test before leave with the next sample.
    expect(cell).to_have_count(1, timeout=SOON)
    expect(cell).to_have_text("40 %", timeout=SOON)
    fetched: list[str] = []
    olive.on("request", lambda request: fetched.append(request.url))

    with olive.expect_response(MARK):
        olive.reload()
    say(busy(41))
    expect(cell).to_have_text("41 %", timeout=SOON)

    assert not any("fragment=board" in url for url in fetched)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_status_pages_are_clean_for_axe(
    person: Callable[..., Page], say: Say, scheme: str
) -> None:
    page = person("ada", color_scheme=scheme, bypass_csp=True)
    hot = {Metric.THROTTLE: 0x24, Metric.TEMPERATURE: 89, Metric.TEMPERATURE_LIMIT: 90}
    say(make_card("GPU-wall", values=hot), make_card("GPU-gone", index=1, lost=True))
    page.goto("/status/")
    link = host_on(page).get_by_role("link", name="RTX 4090").first
    expect(link).to_be_visible(timeout=SOON)
    found = []
    for path in ("/status/", "/status/?kiosk", link.get_attribute("href") or ""):
        page.goto(path)
        found.append(Axe().run(page, options={"preload": False}))

    assert [each.generate_report() for each in found if each.violations_count] == []
