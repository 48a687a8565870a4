"""A whole Paddock with its engine, a Chromium, and the people who look at it."""

import os
import sqlite3
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
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
SLOW_SERVER = "slow-01"
SOON = 20
"""Seconds that a busy machine may take."""
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
        # One in a thousand never answers to being closed, and would hold up all the rest.
        watchdog = threading.Timer(SOON, kill_browsers)
        watchdog.start()
        launched.close()
        watchdog.cancel()


def kill_browsers() -> None:
    for child in psutil.Process().children(recursive=True):
        if "chrom" in child.name():
            child.kill()


def say_that_none_ran() -> None:
    """Skip aloud where a person looks on; fail where a machine would not notice."""
    reason = "NO CHROMIUM: the browser tests did not run. Set PADDOCK_CHROMIUM."
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


# One for all: to start it takes ten seconds of a core. Each module begins as the first.
@pytest.fixture(scope="session")
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


_moved_in: dict[str, dict[str, StorageState]] = {}
"""Who lives in a house, by its address."""


@pytest.fixture(scope="module")
def states(chromium: Browser, house: House, paced: str) -> dict[str, StorageState]:
    """The cookies of ada, an administrator, and of olive and otto, whom ada has invited.

    Nothing that others said or connected before is left, but the slow server.
    """
    if house.url in _moved_in:
        clear(house)
    else:
        _moved_in[house.url] = move_in(chromium, house, paced)
    return _moved_in[house.url]


def clear(house: House) -> None:
    with sqlite3.connect(house.data / "paddock.sqlite3", timeout=SOON) as rows:
        tables = rows.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND (name LIKE 'chat_%'"
            " OR name LIKE 'models_app_pull%' OR name = 'models_app_batch'"
            " OR name IN ('models_app_asker', 'models_app_apifile'))"
        )
        presets = ("presetrevision", "preset_groups", "preset")
        # What one module's loads have taught would correct the estimates of the next.
        learned = ("fitmeasurement", "modelshape", "errand")
        gone = [each for (each,) in tables.fetchall()]
        for table in (*gone, *(f"models_app_{each}" for each in (*presets, *learned))):
            rows.execute(f"DELETE FROM {table}")  # noqa: S608
        later = "(SELECT id FROM models_app_backend WHERE NOT starter AND name <> ?)"
        for table, key in (("languagemodel", "backend_id"), ("backend", "id")):
            rows.execute(
                f"DELETE FROM models_app_{table} WHERE {key} IN {later}",  # noqa: S608
                [SLOW_SERVER],
            )
        rows.execute("UPDATE models_app_revision SET number = number + 1")


def move_in(chromium: Browser, house: House, paced: str) -> dict[str, StorageState]:
    """Have ada connect the slow server and invite the others."""
    ada = chromium.new_context(base_url=house.url)
    page = ada.new_page()
    sign_in(page, ADA["PADDOCK_ADMIN"], ADA["PADDOCK_ADMIN_PASSWORD"])
    connect(page, paced, name=SLOW_SERVER, model=MODEL)
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
    # Their contexts end with the browser: Chromium sometimes never says that one has.
    for eyes in everybody:
        for page in eyes.page.context.pages:
            page.close()
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
        # What somebody typed was refused: the page says why.
        refused = "a status of 422" in said.text
        # A fragment that was on its way when its reader was removed.
        gone = "a status of 404" in said.text and "/c/" in said.location["url"]
        if said.type == "error" and not (lost or refused or gone):
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


def connect(
    page: Page,
    url: str,
    *,
    name: str,
    model: str,
    kind: str = "openai",
    room: int = 4,
    weight: int = 1,
    node: str = "",
) -> None:
    """Add a server as administrators do, and wait for its model."""
    page.goto("/admin/models_app/backend/add/")
    page.get_by_label("Name:").fill(name)
    page.get_by_label("Kind:").select_option(kind)
    page.get_by_label("Base URL:").fill(f"{url}/v1/" if kind == "openai" else url)
    page.get_by_label("Max parallel:").fill(str(room))
    page.get_by_label("Weight:").fill(str(weight))
    if node:
        page.get_by_label("GPU host:").select_option(label=node)
    page.get_by_role("button", name="Save", exact=True).click()
    # Going elsewhere at once would take the form back.
    page.wait_for_url(lambda now: not now.endswith("/add/"))
    page.goto("/")
    expect(page.locator(f"option[value='model:{model}']")).to_be_attached(
        timeout=60_000
    )


def invite_by(admin: Page, name: str) -> str:
    admin.goto("/admin/people/invite/add/")
    admin.get_by_label("For whom:").fill(name)
    admin.get_by_role("button", name="Save", exact=True).click()
    return admin.locator("a.handover").get_attribute("href") or ""


def accept(page: Page, invite: str, name: str) -> None:
    page.goto(invite)
    page.get_by_label("Name to sign in with").fill(name)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_label("Password confirmation").fill(PASSWORD)
    page.get_by_role("button", name="Make account").click()
    expect(page.get_by_label("Your message")).to_be_visible()
