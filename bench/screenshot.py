"""`python -m bench.screenshot`: the picture in the README, of a real house."""

import tempfile
from pathlib import Path

from playwright.sync_api import Page

from bench.browser import chromium, looking
from bench.house import Member, house_up, in_shell
from dashboard.runner.programs import BASE_DIR

PICTURE = BASE_DIR / "docs" / "screenshot.png"
MESSAGE = "In one sentence: why does adding randomness to the wait help?"
PATIENCE = 60_000
"""Milliseconds that the small engine gets for its reply."""


def main() -> None:
    with (
        tempfile.TemporaryDirectory(prefix="paddock-picture-") as folder,
        house_up(Path(folder) / "data", PADDOCK_ENGINE="on") as house,
        chromium() as browser,
    ):
        session, conversation = in_shell(house, "scene", "set_scene()")
        member = Member(house.url, session, conversation)
        with looking(browser, member) as page:
            page.goto(member.address)
            take(page)


def take(page: Page) -> None:
    """Ask one more thing, so that a real reply stands there, and take the picture."""
    page.wait_for_timeout(1000)
    page.fill("textarea", MESSAGE)
    page.press("textarea", "Enter")
    page.wait_for_selector("[data-open]", state="attached")
    page.wait_for_selector("[data-open]", state="detached", timeout=PATIENCE)
    page.evaluate("document.fonts.ready")
    page.wait_for_timeout(500)
    page.screenshot(path=PICTURE)


if __name__ == "__main__":
    main()
