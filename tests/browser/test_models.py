"""What an administrator does with a model that is there, and what a member sees of it."""

import re
import subprocess
import sys
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from dashboard.runner.programs import BASE_DIR
from tests.fakes.ollama import ollama
from tests.fakes.ollama_state import FakeOllama
from tests.house import House, environment

SOON = 15_000
MODELS = ("managed:latest", "other:latest")


@pytest.fixture(scope="module")
def fake(house: House, states: object) -> Iterator[FakeOllama]:
    """A server of the house with two models on its disk."""
    with ollama() as fake:
        for name in MODELS:
            fake.hold(name, size=5_200_000_000)
        command = (sys.executable, "manage.py", "add_backend", "gpu-01", fake.url)
        subprocess.run(
            (*command, "--kind", "ollama"),
            cwd=BASE_DIR,
            env=environment(house.data),
            check=True,
        )
        yield fake


@pytest.fixture
def listed(fake: FakeOllama) -> Callable[[Page], None]:
    """Opens the table of models, once it lists those of the server."""

    def look(page: Page) -> None:
        page.goto("/models/")
        expect(page.get_by_role("link", name=MODELS[-1], exact=True)).to_be_visible(
            timeout=SOON
        )

    return look


def row(name: str) -> str:
    return f"tr:has(a:text-is('{name}'))"


def test_a_model_is_loaded_unloaded_and_deleted_without_reloading(
    ada: Page, olive: Page, fake: FakeOllama, listed: Callable[[Page], None]
) -> None:
    listed(ada)
    listed(olive)
    managed = row("managed:latest")
    expect(olive.locator(managed).get_by_role("button")).to_have_count(0)

    ada.get_by_role("button", name="Load managed:latest on gpu-01").click()

    for page in (ada, olive):
        state = page.locator(managed).get_by_text("loaded", exact=True)
        expect(state).to_be_visible(timeout=SOON)
    assert "managed:latest" in fake.loaded

    ada.get_by_role("link", name="managed:latest", exact=True).click()
    ada.get_by_role("button", name="Unload managed:latest").click()
    expect(ada.get_by_text("on disk", exact=True)).to_be_visible(timeout=SOON)
    assert fake.loaded == {}

    ada.locator("summary", has_text="Delete").click()
    expect(ada.get_by_text("up to 5.2 GB become free")).to_be_visible()
    ada.get_by_label("Its name, to be sure").fill("managed:latest")
    ada.get_by_role("button", name="Delete from gpu-01").click()

    expect(ada.get_by_text("not there any more")).to_be_visible(timeout=SOON)
    expect(ada.locator("main summary")).to_have_count(0, timeout=SOON)
    expect(ada.locator("main").get_by_role("link", name="Chat")).to_have_count(0)
    expect(olive.locator(managed)).to_have_count(0, timeout=SOON)
    assert set(fake.held) == {"other:latest"}


def test_typing_narrows_the_table_and_the_focus_stays(
    ada: Page, listed: Callable[[Page], None]
) -> None:
    listed(ada)
    others = ada.locator("tbody tr").filter(has_not_text="other:latest")
    assert others.count() > 0

    ada.get_by_label("Search").press_sequentially("other")

    expect(others).to_have_count(0)
    expect(ada.get_by_label("Search")).to_be_focused()
    expect(ada).to_have_url(re.compile("q=other"))
    ada.get_by_label("Loaded only").check()
    expect(ada.get_by_text("No model fits.")).to_be_visible()


def test_the_modelfile_comes_when_it_is_opened(
    ada: Page, listed: Callable[[Page], None]
) -> None:
    listed(ada)
    ada.get_by_role("link", name="other:latest", exact=True).click()

    ada.locator("summary", has_text="Modelfile").click()

    expect(ada.locator("pre")).to_contain_text("FROM /models/blobs/sha256-0123")


def test_what_was_opened_and_typed_outlives_what_happens_meanwhile(
    ada: Page, fake: FakeOllama, listed: Callable[[Page], None]
) -> None:
    listed(ada)
    ada.get_by_role("link", name="other:latest", exact=True).click()
    ada.locator("summary", has_text="Copy").click()
    ada.get_by_label("New name").fill("third")
    ada.get_by_label("New name").blur()

    beside = ada.context.new_page()
    beside.goto("/models/")
    beside.get_by_role("button", name="Load other:latest on gpu-01").click()

    expect(ada.get_by_text("loaded", exact=True)).to_be_visible(timeout=SOON)
    expect(ada.get_by_label("New name")).to_have_value("third")
    expect(ada.get_by_label("New name")).to_be_visible()
    beside.close()
