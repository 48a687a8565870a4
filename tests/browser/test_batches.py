"""A batch as somebody uploads it, watches it, and downloads its answers."""

import json
from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import FilePayload, Page, expect

from tests.fakes.paced import MODEL
from tests.models_app.gateway.batches.asked import jsonl, line

SOON = 20_000


def file_of(lines: int, *more: str) -> FilePayload:
    asks = [line(each, body={"model": MODEL}) for each in range(lines)]
    return {
        "name": "asks.jsonl",
        "mimeType": "application/jsonl",
        "buffer": jsonl([*asks, *more]),
    }


def test_a_batch_is_uploaded_watched_and_its_answers_are_downloaded(
    olive: Page,
) -> None:
    olive.get_by_role("link", name="API").click()
    olive.get_by_role("link", name="Batches").click()
    olive.get_by_label("File of requests").set_input_files(file_of(150, "nonsense"))
    olive.get_by_role("button", name="Start the batch").click()

    row = olive.get_by_role("row", name="asks.jsonl")
    expect(row.get_by_role("progressbar")).to_be_visible(timeout=SOON)
    expect(row).to_contain_text("151 of 151 lines · 1 failed", timeout=SOON)
    expect(row.get_by_text("done", exact=True)).to_be_visible(timeout=SOON)
    with olive.expect_download() as began:
        row.get_by_role("link", name="Answers").click()
    answers = began.value.path().read_text().splitlines()
    assert {json.loads(each)["custom_id"] for each in answers} == {
        f"c-{each}" for each in range(150)
    }

    row.locator("summary", has_text="Delete").click()
    row.get_by_role("button", name="Delete the batch").click()
    expect(olive.get_by_text("You have no batch yet.")).to_be_visible()


def test_a_batch_is_cancelled_without_javascript(person: Callable[..., Page]) -> None:
    page = person("otto", java_script_enabled=False)
    page.goto("/batches/")
    page.get_by_label("File of requests").set_input_files(file_of(2000))
    page.get_by_role("button", name="Start the batch").click()
    page.locator("summary", has_text="Cancel").click()
    page.get_by_role("button", name="Cancel the batch").click()

    expect(page.get_by_text("The batch is cancelled.")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_of_batches_is_clean_for_axe(
    person: Callable[..., Page], scheme: str
) -> None:
    page = person(
        "otto",
        viewport={"width": 390, "height": 800},
        color_scheme=scheme,
        bypass_csp=True,
    )
    page.goto("/batches/")
    page.get_by_role("button", name="Start the batch").click()
    expect(page.get_by_text("Choose a file with")).to_be_visible()

    found = Axe().run(page, options={"preload": False})

    assert found.violations_count == 0, found.generate_report()
    assert page.evaluate("() => document.documentElement.scrollWidth") <= 390
