"""Every model on every server: who sees which, in which order."""

import pytest
from django.contrib.auth.models import Group
from django.test import Client

from dashboard.people.models import User
from models_app.inventory import Wish, inventory_for, model_for
from models_app.models import Restriction
from tests.make import make_backend, make_model

pytestmark = pytest.mark.django_db


def names(person: User, **wish: object) -> list[str]:
    return [each.name for each in inventory_for(person, Wish(**wish))]  # type: ignore[arg-type]


def places(model: int) -> tuple[str, str]:
    """Where a chat with a model is offered."""
    return "/models/", f"/models/{model}/"


def test_a_person_sees_neither_models_nor_servers_of_others(
    person: User, admin: User
) -> None:
    others = Group.objects.create(name="others")
    closed = make_backend()
    closed.groups.add(others)
    Restriction.objects.create(model="secret").groups.add(others)
    make_model("theirs", backend=closed)
    hidden, shown = make_model("secret:latest"), make_model("tiny")

    assert names(person) == ["tiny"]
    assert names(admin) == ["secret:latest", "theirs", "tiny"]
    assert model_for(person, hidden.pk) is None
    assert model_for(person, shown.pk) == shown


def test_models_are_found_sorted_and_filtered(person: User) -> None:
    server = make_backend()
    make_model("Large", backend=server, size=9, loaded=True)
    make_model("small", backend=server, size=1)
    make_model("unknown")

    assert names(person) == ["Large", "small", "unknown"]
    assert names(person, sort="size") == ["Large", "small", "unknown"]
    assert names(person, search="LARG") == ["Large"]
    assert names(person, server=server.pk, loaded=True) == ["Large"]


def test_a_model_of_a_server_that_is_away_says_so_with_its_age(
    signed_in: Client,
) -> None:
    make_model("tiny", backend=make_backend(failure_code="backend_unreachable"))

    page = signed_in.get("/models/").content.decode()

    assert "server is away" in page
    assert 'class="away"' in page


def test_no_chat_is_offered_with_a_model_that_no_server_answers_for(
    signed_in: Client,
) -> None:
    away = make_model(backend=make_backend(failure_code="backend_unreachable"))

    pages = [signed_in.get(path).content.decode() for path in places(away.pk)]

    assert not any("?target=" in page for page in pages)
    assert "no chat while its server is away" in pages[0]
    assert "nobody can chat with it" in pages[1]


def test_a_chat_is_offered_while_another_server_answers(signed_in: Client) -> None:
    away = make_model(backend=make_backend(failure_code="backend_unreachable"))
    make_model("tiny:latest")

    pages = [signed_in.get(path).content.decode() for path in places(away.pk)]

    assert all("?target=model:tiny" in page for page in pages)
    assert "no chat while" not in pages[0]


def test_thousands_of_models_come_in_pages(signed_in: Client) -> None:
    server = make_backend()
    for number in range(101):
        make_model(f"model-{number:03}", backend=server)

    page = signed_in.get("/models/?page=2&sort=name").content.decode()

    assert "Page 2 of 2, 101 models" in page
    assert "model-100" in page
    assert "model-099" not in page


def test_a_chat_with_a_model_begins_from_its_row(signed_in: Client) -> None:
    make_model("other")
    make_model("tiny")

    page = signed_in.get("/?target=model:tiny").content.decode()

    assert 'value="model:tiny" selected' in page
