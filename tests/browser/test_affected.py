"""What a chat says of an alert, and how somebody has enough of it."""

import sqlite3
from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import SLOW_SERVER
from tests.browser.test_together import begun
from tests.house import House

OPENED = """
INSERT INTO models_app_alert (kind, subject, backend_id, gpu_uuid, affected, began,
  troubled_at, opened_at, facts, dismissed)
SELECT 'throttled', 'backend:' || id, id, '', json_array(id), '2026-01-01', '2026-01-01',
  '2026-01-01', '{"host": "gpu-09"}', 0
FROM models_app_backend WHERE name = ?
"""
ENDED = "DELETE FROM models_app_alert WHERE facts LIKE '%gpu-09%'"


def alert_anew(house: House) -> None:
    """An alert that concerns the slow server, and none that did before."""
    with sqlite3.connect(house.data / "paddock.sqlite3", timeout=20) as rows:
        rows.execute(ENDED)
        rows.execute(OPENED, [SLOW_SERVER])


@pytest.fixture
def alerted(house: House, states: object) -> Iterator[None]:
    alert_anew(house)
    yield
    with sqlite3.connect(house.data / "paddock.sqlite3", timeout=20) as rows:
        rows.execute(ENDED)


def said(page: Page) -> Locator:
    return page.get_by_text("gpu-09 is too hot and runs slower")


@pytest.mark.usefixtures("alerted")
def test_a_sentence_that_was_closed_stays_so_until_another_alert_says_it(
    ada: Page, house: House
) -> None:
    begun(ada)
    expect(said(ada)).to_be_visible()
    ada.get_by_role("button", name="Do not show this any more").click()
    expect(said(ada)).to_be_hidden()

    ada.reload()
    expect(said(ada)).to_be_hidden()

    alert_anew(house)
    ada.reload()
    expect(said(ada)).to_be_visible()
