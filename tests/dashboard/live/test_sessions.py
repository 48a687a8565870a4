"""A session that ended while nobody could hear of it ends when events come again."""

from collections.abc import Callable

import pytest
from channels.testing import WebsocketCommunicator
from django.conf import settings
from django.contrib.sessions.models import Session
from django.test import Client

from dashboard.live.consumer import SIGNED_OUT
from dashboard.live.db import in_db
from dashboard.people.models import User
from dashboard.routing import websockets
from tests.fakes.conversing import come_back, heard
from tests.make import make_person

pytestmark = pytest.mark.django_db(transaction=True)


def cookie_of(person: User) -> str:
    browser = Client()
    browser.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    cookie = browser.cookies[settings.SESSION_COOKIE_NAME]
    return f"{cookie.key}={cookie.value}"


async def signed_in(person: User) -> WebsocketCommunicator:
    """A page as it comes from a browser, with its cookie."""
    headers = [
        (b"origin", settings.PAGE_ORIGINS[0].encode()),
        (b"cookie", (await in_db(cookie_of)(person)).encode()),
    ]
    page = WebsocketCommunicator(websockets, "/ws/", headers)
    await page.connect()
    await heard(page, until="hello")
    return page


def end_session(person: User) -> None:
    Session.objects.all().delete()


def change_password(person: User) -> None:
    person.set_password("another long word 8")
    person.save()


def disable(person: User) -> None:
    User.objects.filter(pk=person.pk).update(is_active=False)


@pytest.mark.parametrize("end", [end_session, change_password, disable])
async def test_a_session_whose_end_was_lost_ends_after_the_gap(
    end: Callable[[User], None],
) -> None:
    person = await in_db(make_person)()
    page = await signed_in(person)
    await in_db(end)(person)

    come_back()

    await heard(page, until="refetch")
    closing = await page.receive_output(timeout=10)
    assert (closing["type"], closing["code"]) == ("websocket.close", SIGNED_OUT)


async def test_a_session_that_goes_on_is_not_disturbed_by_a_gap() -> None:
    page = await signed_in(await in_db(make_person)())

    come_back()
    await heard(page, until="refetch")

    # This is answered in its turn, after the session was looked at.
    await page.send_to(text_data="{}")
    await heard(page, until="command.failed")
    await page.disconnect()
