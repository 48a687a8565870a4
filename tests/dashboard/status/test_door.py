"""Who is served and who waits on the status page, and an administrator's stop."""

import re
import time
from collections.abc import Iterator

import pytest
from django.test import Client
from pytest_django import Settings

from dashboard.live.glance import glance_here
from dashboard.people.models import User
from models_app.models import Backend
from models_app.serving.slots.reading import tickets_now
from tests.at_door import come_in, wait_in_line
from tests.house import free_port
from tests.make import make_backend, make_conversation, make_person, make_reply


@pytest.fixture
def office(admin: User) -> Client:
    client = Client()
    client.force_login(admin, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def server(db: None) -> Backend:
    return make_backend(name="gpu-01")


@pytest.fixture
def no_redis(settings: Settings) -> Iterator[None]:
    settings.REDIS_URL = f"redis://127.0.0.1:{free_port()}"
    glance_here.cache_clear()
    yield
    glance_here.cache_clear()


def words(client: Client, part: str = "door") -> str:
    html = client.get(f"/status/?fragment={part}").content.decode()
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html)).strip()


def stops(client: Client) -> list[str]:
    html = client.get("/status/?fragment=door").content.decode()
    return re.findall(r'action="([^"]+)"', html)


def test_where_nobody_is_nothing_stands(office: Client) -> None:
    assert words(office) == ""


def test_a_member_sees_their_own_and_how_many_others_there_are(
    signed_in: Client, person: User, server: Backend
) -> None:
    come_in(person, server, conversation=make_conversation(person, title="Ours"))
    come_in(make_person("hidden"), server)
    wait_in_line(make_person("unseen"))

    told = words(signed_in)

    assert told.startswith("Who is served 2 served, 1 waiting")
    assert "olive Ours tiny gpu-01" in told
    assert "2 for others." in told
    assert "hidden" not in told
    assert "unseen" not in told
    assert stops(signed_in) == []


def test_an_administrator_sees_all_and_may_stop_each(
    office: Client, person: User, server: Backend
) -> None:
    waits = wait_in_line(make_person("pia"))
    runs = come_in(person, server, conversation=make_conversation(person, title="My"))

    told = words(office)

    assert "olive tiny gpu-01" in told
    assert "pia tiny waits for a place" in told
    assert "My" not in told
    assert stops(office) == [f"/status/stop/{each}/" for each in (runs, waits)]


def test_whoever_waits_is_told_where_for_what_and_how_long(
    office: Client, person: User, server: Backend
) -> None:
    come_in(make_person("pia"), server, room=0)
    come_in(person, server, room=0, due_at=time.time() + 40.9)

    told = words(office)

    assert "waits for a place Next in line on gpu-01" in told
    line = "Second in line, behind one other, on gpu-01 · about 40 s"
    assert f"olive tiny waits for a place {line}" in told


def test_those_who_wait_are_listed_as_they_stand_in_line(
    office: Client, person: User, server: Backend
) -> None:
    pia = make_person("pia")
    for each in (pia, pia, person):
        come_in(each, server, room=0)

    told = words(office)

    places = [told.index(f"{each} in line") for each in ("Next", "Second", "Third")]
    assert places == sorted(places)


def test_those_in_line_stand_on_top_too(signed_in: Client, person: User) -> None:
    wait_in_line(person)

    html = signed_in.get("/status/?fragment=headline").content.decode()

    assert 'data-queued="1"' in html


def test_a_stop_calls_it_to_its_end_and_says_so(
    office: Client, person: User, server: Backend
) -> None:
    ticket = come_in(person, server)

    page = office.post(f"/status/stop/{ticket}/", follow=True)

    assert "It is being stopped." in page.content.decode()
    assert page.redirect_chain == [("/status/", 302)]


def test_what_is_over_is_said_to_be(office: Client) -> None:
    page = office.post("/status/stop/gone/", follow=True)

    assert "That was over already; nothing was stopped." in page.content.decode()


def test_a_member_stops_nothing_there(
    signed_in: Client, person: User, server: Backend
) -> None:
    ticket = come_in(person, server)

    assert signed_in.post(f"/status/stop/{ticket}/").status_code == 403
    assert [each.ticket for each in tickets_now()] == [ticket]


def test_a_stop_needs_the_pages_own_form(admin: User) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(admin, backend="django.contrib.auth.backends.ModelBackend")

    assert strict.post("/status/stop/gone/").status_code == 403


def test_while_redis_is_away_the_page_tells_what_the_rows_know(
    office: Client, person: User, no_redis: None
) -> None:
    reply = make_reply(make_conversation(person), server="gpu-01", asked_by=person)

    assert "olive tiny gpu-01" in words(office)
    assert stops(office) == []
    type(reply).objects.update(ticket="apart")
    assert stops(office) == ["/status/stop/apart/"]
