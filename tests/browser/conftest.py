"""A whole Paddock with its engine, a Chromium, and the people who look at it."""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import (
    Browser,
    ConsoleMessage,
    Page,
    Request,
    StorageState,
    expect,
    sync_playwright,
)

from dashboard.runner import browser
from tests.fakes.paced import MODEL, speaking
from tests.house import House, opened

PASSWORD = "another long word 7"
ADA = {"PADDOCK_ADMIN": "ada", "PADDOCK_ADMIN_PASSWORD": "correct horse battery"}


# Not for the session: while it is open, Playwright's loop runs, and no async test can.
@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        path = browser.found() or playwright.chromium.executable_path
        if not Path(path).exists():
            say_that_none_ran()
        launched = playwright.chromium.launch(executable_path=path, args=browser.FLAGS)
        yield launched
        launched.close()


def say_that_none_ran() -> None:
    """Skip aloud where a person looks on; fail where a machine would not notice."""
    reason = "NO CHROMIUM: the browser tests did not run. Set PADDOCK_CHROMIUM."
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


# Nor this: what one module's people did is not for the next one to stumble over.
@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    data = tmp_path_factory.mktemp("house")
    with opened(data, PADDOCK_ENGINE="on", **ADA) as house:
        yield house


@pytest.fixture(scope="session")
def paced() -> Iterator[str]:
    """The address of a model server that writes slowly enough to be interrupted."""
    with speaking() as url:
        yield url


@dataclass
class Eyes:
    """One person's browser; what it complains of must be nothing."""

    page: Page
    complaints: list[str]
    foreign: list[str]


@pytest.fixture(scope="module")
def states(chromium: Browser, house: House, paced: str) -> dict[str, StorageState]:
    """The cookies of ada, an administrator, and of olive and otto, whom ada has invited.

    On the way ada has connected the slow server.
    """
    ada = chromium.new_context(base_url=house.url)
    page = ada.new_page()
    sign_in(page, ADA["PADDOCK_ADMIN"], ADA["PADDOCK_ADMIN_PASSWORD"])
    connect(page, paced, name="slow-01", model=MODEL)
    states = {}
    for name in ("olive", "otto"):
        guest = chromium.new_context(base_url=house.url)
        accept(guest.new_page(), invite_by(page, name), name)
        states[name] = guest.storage_state()
        guest.close()
    states["ada"] = ada.storage_state()
    ada.close()
    return states


@pytest.fixture
def person(
    chromium: Browser, house: House, states: dict[str, StorageState]
) -> Iterator[Callable[..., Page]]:
    """Opens a browser for somebody; none may complain, or look at another origin."""
    everybody: list[Eyes] = []

    def look(name: str = "", **options: Any) -> Page:
        state = states.get(name)
        context = chromium.new_context(
            base_url=house.url, storage_state=state, **options
        )
        eyes = Eyes(context.new_page(), [], [])
        watch(eyes, house.url)
        everybody.append(eyes)
        eyes.page.goto("/")
        return eyes.page

    yield look
    for eyes in everybody:
        eyes.page.context.close()
    assert [eyes.complaints for eyes in everybody if eyes.complaints] == []
    assert [eyes.foreign for eyes in everybody if eyes.foreign] == []


@pytest.fixture
def ada(person: Callable[..., Page]) -> Page:
    return person("ada")


@pytest.fixture
def olive(person: Callable[..., Page]) -> Page:
    return person("olive")


def watch(eyes: Eyes, url: str) -> None:
    """Note every error; lost connections are what some tests are about."""

    def note(said: ConsoleMessage) -> None:
        lost = "WebSocket" in said.text or "net::ERR" in said.text
        if said.type == "error" and not lost:
            eyes.complaints.append(said.text)

    def look(asked: Request) -> None:
        if not asked.url.startswith(url):
            eyes.foreign.append(asked.url)

    eyes.page.on("pageerror", lambda error: eyes.complaints.append(str(error)))
    eyes.page.on("console", note)
    eyes.page.on("request", look)


def sign_in(page: Page, username: str, password: str) -> None:
    page.goto("/login/")
    page.get_by_label("Username").fill(username)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_label("Your message")).to_be_visible()


def connect(page: Page, url: str, *, name: str, model: str) -> None:
    """Add a server as administrators do, and wait for its model."""
    page.goto("/admin/models_app/backend/add/")
    page.get_by_label("Name:").fill(name)
    page.get_by_label("Kind:").select_option("openai")
    page.get_by_label("Base URL:").fill(f"{url}/v1/")
    page.get_by_role("button", name="Save", exact=True).click()
    # Going elsewhere at once would take the form back.
    page.wait_for_url(lambda now: not now.endswith("/add/"))
    page.goto("/")
    expect(page.locator(f"option[value='model:{model}']")).to_be_attached(
        timeout=20_000
    )


def invite_by(admin: Page, name: str) -> str:
    admin.goto("/admin/people/invite/add/")
    admin.get_by_label("For whom:").fill(name)
    admin.get_by_role("button", name="Save", exact=True).click()
    return admin.locator("a.handover").get_attribute("href") or ""


def accept(page: Page, invite: str, name: str) -> None:
    page.goto(invite)
    page.get_by_label("Name to sign in with").fill(name)
    page.get_by_label("Password:", exact=True).fill(PASSWORD)
    page.get_by_label("Password confirmation").fill(PASSWORD)
    page.get_by_role("button", name="Make account").click()
    expect(page.get_by_label("Your message")).to_be_visible()
