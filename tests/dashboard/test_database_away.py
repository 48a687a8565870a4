"""A page while the database is away: a sentence, and no traceback."""

from collections.abc import Iterator

import pytest
from django.db import connection
from django.test import Client

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def away(transactional_db: None) -> Iterator[None]:
    """Every new connection of this thread fails."""
    place = connection.settings_dict
    before = dict(place)
    connection.close()
    place.update(NAME="/nowhere/at/all", HOST="127.0.0.1", PORT="9")
    yield
    connection.close()
    place.update(before)


@pytest.mark.parametrize("path", ["/", "/admin/", "/account/", "/c/1/"])
def test_a_page_whose_session_cannot_be_read_says_so(away: None, path: str) -> None:
    browser = Client(raise_request_exception=False)
    browser.cookies["paddock_session"] = "a-session-that-nobody-can-look-up"

    page = browser.get(path)

    assert page.status_code == 503
    assert "The database of the house does not answer now" in page.content.decode()


def test_nobody_can_sign_in_and_the_page_says_why(away: None) -> None:
    wanted = {"username": "ada", "password": "a long password"}

    page = Client(raise_request_exception=False).post("/login/", wanted)

    assert page.status_code == 503
    assert "try again in a moment" in page.content.decode()
