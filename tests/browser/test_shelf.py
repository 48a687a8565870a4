"""What a browser keeps of a composer: the pure part, as the page's own modules have it."""

from typing import Any

import pytest
from playwright.sync_api import Page

MINUTE = 60_000
FRAME = {"text": "Hi"}


def call(page: Page, name: str, *arguments: Any) -> Any:
    """A function of shelf.js."""
    return page.evaluate(
        """async ([name, given]) => {
          const shelf = await import("/static/js/shelf.js");
          return shelf[name](...given);
        }""",
        [name, list(arguments)],
    )


@pytest.mark.parametrize(
    ("given", "typed", "stands"),
    [
        ("kept", None, "kept"),
        ("kept", {"text": "typed on", "base": "kept"}, "typed on"),
        ("kept", {"text": "", "base": "kept"}, ""),
        ("kept elsewhere", {"text": "kept", "base": "k"}, "kept elsewhere"),
        ("k", {"text": "typed", "base": "kept"}, "k\n\ntyped"),
    ],
)
def test_what_was_typed_here_counts_unless_it_was_typed_on_elsewhere(
    ada: Page, given: str, typed: dict[str, str] | None, stands: str
) -> None:
    assert call(ada, "textFor", given, typed) == stands


@pytest.mark.parametrize(
    ("sent", "now", "fate"),
    [
        (None, 0, ""),
        ({"frame": {}, "at": 0}, 0, ""),
        ({"frame": FRAME, "at": 0}, 9 * MINUTE, "send"),
        ({"frame": FRAME, "at": 0}, 11 * MINUTE, "show"),
    ],
)
def test_an_old_message_is_not_sent_by_itself(
    ada: Page, sent: dict[str, Any] | None, now: int, fate: str
) -> None:
    assert call(ada, "fateOf", sent, now) == fate
