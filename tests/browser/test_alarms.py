"""A model that read only half of what it was sent, and asking again with more room."""

import sqlite3
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
MODEL = "qwen2.5:7b"


@pytest.fixture(scope="module")
def fake(house: House, states: object) -> Iterator[FakeOllama]:
    """A server on a card of 12 GB; it leaves out what is too long without a word."""
    with ollama() as fake:
        fake.hold(MODEL, size=4_700_000_000)
        command = (sys.executable, "manage.py", "add_backend", "gpu-01", fake.url)
        subprocess.run(
            (*command, "--kind", "ollama"),
            cwd=BASE_DIR,
            env=environment(house.data),
            check=True,
        )
        with sqlite3.connect(house.data / "paddock.sqlite3", timeout=SOON) as rows:
            rows.execute(
                "UPDATE models_app_backend SET card = 'geforce-rtx-3060'"
                " WHERE name = 'gpu-01'"
            )
        yield fake


def test_one_click_asks_again_with_a_window_that_holds_it_all(
    person: Callable[..., Page], fake: FakeOllama
) -> None:
    page = person("olive")
    page.goto("/")
    page.get_by_label("Who answers").select_option(f"model:{MODEL}", timeout=SOON)
    page.get_by_label("Your message").fill("word " * 4200)
    page.get_by_role("button", name="Send").click()
    alarm = page.locator("[data-alarm]")
    expect(alarm).to_contain_text("The model read 2,050 of about", timeout=SOON)

    page.get_by_role("button", name="Ask again with a window of 8,192").click()

    expect(page.locator("article").last.locator(".meta")).to_contain_text(
        "2 / 2", timeout=SOON
    )
    expect(page.locator("article").last).to_contain_text("One two three.")
    expect(alarm).to_have_count(0)
    chats = [each.body for each in fake.asked if each.path == "/api/chat"]
    assert chats[-1]["options"]["num_ctx"] == 8192
