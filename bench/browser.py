"""A Chromium that talks to nobody but the house."""

from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

from bench.house import COOKIE, Member
from dashboard.runner.browser import FLAGS, found

SIZE: ViewportSize = {"width": 1280, "height": 800}


@contextmanager
def chromium() -> Iterator[Browser]:
    """The machine's own Chromium, or the one that Playwright has brought."""
    with sync_playwright() as playwright:
        path = found() or playwright.chromium.executable_path
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@contextmanager
def looking(browser: Browser, member: Member) -> Iterator[Page]:
    """A fresh browser in which the member is signed in."""
    context = browser.new_context(viewport=SIZE)
    context.add_cookies([{"name": COOKIE, "value": member.session, "url": member.url}])
    yield context.new_page()
    context.close()
