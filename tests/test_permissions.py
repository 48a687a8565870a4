"""Who may do what: every address, for every kind of person."""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.urls import (
    NoReverseMatch,
    URLPattern,
    URLResolver,
    get_resolver,
    reverse,
)

from chat.models import Conversation, ShareLink
from chat.services.openings import open_conversation_as_admin
from models_app.models import Errand, Pull, PullRequest
from tests.roles import ROLES, SIGN_IN, House, client_of, make_house

IN_THREAD = (
    "modelfile",
    "conversation-start",
    "message-send",
    "message-retry",
    "message-continue",
)
"""They ask the database in a thread of their own, which sees only what is committed."""


@pytest.fixture
def house(db: None) -> House:
    return make_house()


def named_by(names: Iterable[str]) -> list[Any]:
    """The names as parameters; with real transactions where they are needed."""
    real = pytest.mark.django_db(transaction=True)
    return [pytest.param(e, marks=real if e in IN_THREAD else ()) for e in names]


def everybody(status: int) -> tuple[int, ...]:
    return (status,) * 6


READERS = (200, 200, 200, 404, SIGN_IN, 404)
WRITERS = (200, 200, 403, 404, SIGN_IN, 404)
OWNERS = (200, 403, 403, 404, SIGN_IN, 404)
SIGNED_IN = (200, 200, 200, 200, SIGN_IN, 200)
EACH = (302, 302, 302, 302, SIGN_IN, 302)
PULLERS = (403, 403, 403, 403, SIGN_IN, 302)

OWN_KEY = (302, 404, 404, 404, SIGN_IN, 404)
OWN_BATCH = OWN_KEY
OWN_FILE = (200, 404, 404, 404, SIGN_IN, 404)

MANAGERS = (403, 403, 403, 403, SIGN_IN, 302)


def writers(status: int) -> tuple[int, ...]:
    return tuple(status if each == 200 else each for each in WRITERS)


def editors(status: int) -> tuple[int, ...]:
    return (403, 403, 403, 403, SIGN_IN, status)


def owners(status: int) -> tuple[int, ...]:
    return (status, *OWNERS[1:])


# name: (method, form, status for each of the roles)
PAGES: dict[str, tuple[str, dict[str, str], tuple[int, ...]]] = {
    "healthz": ("get", {}, everybody(200)),
    "set_language": ("post", {"language": "en"}, everybody(302)),
    "login": ("get", {}, (302, 302, 302, 302, 200, 302)),
    "logout": ("post", {}, everybody(302)),
    "invite": ("get", {}, everybody(200)),
    "account": ("get", {}, SIGNED_IN),
    "password": ("get", {}, SIGNED_IN),
    "password-reset": ("get", {}, everybody(200)),
    "models": ("get", {}, SIGNED_IN),
    "catalogue": ("get", {}, SIGNED_IN),
    "catalogue-entry": ("get", {}, SIGNED_IN),
    "model": ("get", {}, SIGNED_IN),
    "modelfile": ("get", {}, SIGNED_IN),
    "model-fit": ("get", {}, SIGNED_IN),
    "model-load": ("post", {}, MANAGERS),
    "model-unload": ("post", {}, MANAGERS),
    "model-copy": ("post", {"new_name": "other"}, MANAGERS),
    "model-delete": ("post", {"name": "managed:latest"}, MANAGERS),
    "better-model": ("get", {}, SIGNED_IN),
    "status": ("get", {}, SIGNED_IN),
    "status-energy": ("get", {}, SIGNED_IN),
    "status-json": ("get", {}, SIGNED_IN),
    "status-stop": ("post", {}, MANAGERS),
    "status-card": ("get", {}, SIGNED_IN),
    "keys": ("get", {}, SIGNED_IN),
    "key-revoke": ("post", {}, OWN_KEY),
    "batches": ("get", {}, SIGNED_IN),
    "batch-cancel": ("post", {}, OWN_BATCH),
    "batch-delete": ("post", {}, OWN_BATCH),
    "file-delete": ("post", {}, OWN_KEY),
    "batch-answers": ("get", {}, OWN_FILE),
    "batch-errors": ("get", {}, OWN_FILE),
    "usage": ("get", {}, SIGNED_IN),
    "usage-csv": ("get", {}, SIGNED_IN),
    "usage-house": ("get", {}, editors(200)),
    "usage-house-csv": ("get", {}, editors(200)),
    "conversation-behind": ("get", {}, READERS),
    "presets": ("get", {}, SIGNED_IN),
    "preset": ("get", {}, SIGNED_IN),
    "preset-export": ("get", {}, SIGNED_IN),
    "preset-revisions": ("get", {}, SIGNED_IN),
    "preset-new": ("get", {}, editors(200)),
    "preset-edit": ("get", {}, editors(200)),
    "preset-check": ("post", {"text": "FROM tiny"}, editors(200)),
    "preset-try": ("post", {"text": "FROM tiny"}, editors(200)),
    "preset-import": ("post", {"pasted": "FROM tiny"}, editors(200)),
    "preset-read": ("post", {}, editors(422)),
    "preset-default": ("post", {}, editors(302)),
    "preset-restore": ("post", {}, editors(302)),
    "preset-create": ("post", {}, editors(422)),
    "server-add": ("post", {}, PULLERS),
    "pulls": ("get", {}, SIGNED_IN),
    "pull-start": ("post", {}, (403, 403, 403, 403, SIGN_IN, 422)),
    "pull-stop": ("post", {}, PULLERS),
    "pull-retry": ("post", {}, PULLERS),
    "pull-dismiss": ("post", {}, PULLERS),
    "requests": ("get", {}, SIGNED_IN),
    "request-ask": ("post", {"name": "wished"}, EACH),
    "request-approve": ("post", {}, (403, 403, 403, 403, SIGN_IN, 422)),
    "request-decline": ("post", {}, PULLERS),
    "request-withdraw": ("post", {}, EACH),
    "news": ("get", {}, SIGNED_IN),
    "news-dismiss": ("post", {}, EACH),
    "home": ("get", {}, SIGNED_IN),
    "conversation-start": ("post", {"text": " "}, (422, 422, 422, 422, SIGN_IN, 422)),
    "conversations": ("get", {}, SIGNED_IN),
    "picker": ("get", {}, SIGNED_IN),
    "conversation": ("get", {}, READERS),
    "conversation-title": ("post", {"title": "x"}, writers(302)),
    "conversation-delete": ("get", {}, (200, 403, 403, 404, SIGN_IN, 404)),
    "message-send": ("post", {"text": " "}, writers(422)),
    "conversation-people": ("get", {}, READERS),
    "messages": ("get", {}, READERS),
    "message": ("get", {}, READERS),
    "message-stop": ("post", {}, writers(302)),
    "message-again": ("get", {}, WRITERS),
    "message-retry": ("post", {}, writers(422)),
    "message-continue": ("post", {}, writers(422)),
    "message-edit": ("get", {}, WRITERS),
    "message-branch": ("get", {}, WRITERS),
    "message-choose": ("post", {}, (302, 302, 302, 404, SIGN_IN, 404)),
    "message-delete": ("get", {}, WRITERS),
    "conversation-head": ("get", {}, READERS),
    "conversation-affected": ("get", {}, READERS),
    "person-role": ("post", {"role": "viewer"}, owners(302)),
    "person-remove": ("get", {}, OWNERS),
    "person-hand-over": ("get", {}, OWNERS),
    "conversation-leave": ("get", {}, (409, 200, 200, 404, SIGN_IN, 404)),
    "share-link-make": ("post", {}, owners(422)),
    "share-link-end": ("post", {}, owners(302)),
    "conversation-join": ("get", {}, SIGNED_IN),
    "conversation-reading": ("get", {}, (404, 404, 404, 404, SIGN_IN, 404)),
}


OF_PRESET = (
    "preset",
    "preset-edit",
    "preset-export",
    "preset-default",
    "preset-create",
    "preset-revisions",
)
OF_ENDED_BATCH = ("batch-delete", "batch-answers", "batch-errors")
OF_PULL = ("pull-stop", "pull-retry", "pull-dismiss")
OF_REQUEST = ("request-approve", "request-decline", "news-dismiss")
OF_MODEL = (
    "model",
    "modelfile",
    "model-fit",
    "model-load",
    "model-unload",
    "model-copy",
    "model-delete",
)
OF_BROKEN = ("message-again", "message-retry", "message-continue")


def address(name: str, house: House) -> str:
    """The address of that name, with what belongs into it."""
    of_broken = name in OF_BROKEN
    known: dict[str, dict[str, object]] = {
        "invite": {"token": house.invite},
        "conversation-join": {"token": house.token},
        "password-reset": {"uidb64": "MQ", "token": "no"},
        "status-stop": {"ticket": "0" * 32},
        "status-card": {"pk": house.gpu.pk},
        "server-add": {"pk": house.found.pk},
        "key-revoke": {"pk": house.key.pk},
        "batch-cancel": {"name": house.batch.name},
        "file-delete": {"name": house.file.name},
        **{each: {"name": house.ended_batch.name} for each in OF_ENDED_BATCH},
        "preset-restore": {"pk": house.preset.pk, "number": 1},
        **{each: {"pk": house.preset.pk} for each in OF_PRESET},
        "catalogue-entry": {"slug": "qwen2.5-7b"},
        **{name: {"pk": house.pull.pk} for name in OF_PULL},
        **{name: {"pk": house.request} for name in OF_REQUEST},
        **{each: {"pk": house.model.pk} for each in OF_MODEL},
    }
    here: dict[str, object] = {"pk": house.conversation.pk}
    message = house.broken if of_broken else house.message
    member = house.people["member"]
    within: dict[str, object] = {
        "message": message.pk,
        "person": member.pk if member else 0,
        "link": house.link.pk,
    }
    tries = [known.get(name, {}), here, *({**here, gap: within[gap]} for gap in within)]
    for each in tries:
        with suppress(NoReverseMatch):
            return reverse(name, kwargs=each)
    raise AssertionError(name)


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("name", named_by(PAGES))
def test_each_address_answers_each_person_as_it_should(
    name: str, role: str, house: House
) -> None:
    method, form, statuses = PAGES[name]
    client = client_of(house.people[role])

    response = getattr(client, method)(address(name, house), form)

    assert response.status_code == statuses[ROLES.index(role)]
    if response.status_code == SIGN_IN and role == "anonymous":
        assert name in ("set_language", "logout") or "/login/" in response.url


# name: (form, status for each of the roles, each time in a house of its own)
DOINGS: dict[str, tuple[dict[str, str], tuple[int, ...]]] = {
    "conversation-people": ({"username": "stranger"}, owners(302)),
    "person-remove": ({}, owners(302)),
    "person-hand-over": ({}, owners(302)),
    "conversation-leave": ({}, (409, 302, 302, 404, SIGN_IN, 404)),
    "share-link-make": ({"role": "member", "lifetime": "1"}, owners(302)),
    "conversation-join": ({}, everybody(302)),
    "conversation-reading": ({}, (405, 405, 405, 405, SIGN_IN, 405)),
}


def rows_of(conversation: Conversation) -> list[Any]:
    """Who is in, in which role, and which links there are."""
    places = conversation.participants.order_by("pk").values_list("person", "role")
    return [*places, *ShareLink.objects.order_by("pk").values_list("pk", flat=True)]


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("name", DOINGS)
def test_only_whoever_may_changes_who_is_in(name: str, role: str, house: House) -> None:
    form, statuses = DOINGS[name]
    expected = statuses[ROLES.index(role)]
    before = rows_of(house.conversation)

    response = client_of(house.people[role]).post(address(name, house), form)

    assert response.status_code == expected
    is_done = expected == 302 and role != "anonymous"
    if not is_done:
        assert rows_of(house.conversation) == before


OF_PULLERS = ("pull-start", "request-approve", "request-decline", *OF_PULL)


def pulls_and_requests() -> list[Any]:
    pulls = Pull.objects.order_by("pk").values_list("pk", "status", "stop_requested")
    answers = PullRequest.objects.order_by("pk").values_list("pk", "status")
    return [*pulls, *answers]


@pytest.mark.parametrize("role", [each for each in ROLES if each != "admin"])
@pytest.mark.parametrize("name", OF_PULLERS)
def test_nobody_else_pulls_stops_or_answers(name: str, role: str, house: House) -> None:
    before = pulls_and_requests()

    form = {"name": "tiny", "servers": str(house.pull.backend_id)}
    client_of(house.people[role]).post(address(name, house), form)

    assert pulls_and_requests() == before


def test_an_opening_lets_only_its_administrator_read(house: House) -> None:
    admin = house.people["admin"]
    assert admin is not None
    open_conversation_as_admin(house.conversation.pk, by=admin, reason="It never ends.")
    url = address("conversation-reading", house)

    statuses = [client_of(house.people[role]).get(url).status_code for role in ROLES]

    assert statuses == [404, 404, 404, 404, SIGN_IN, 200]


@pytest.mark.parametrize("right", ["load_model", "delete_model"])
def test_whoever_has_one_right_over_models_has_not_the_other(
    right: str, house: House
) -> None:
    member = house.people["member"]
    assert member is not None
    member.user_permissions.add(Permission.objects.get(codename=right))
    client = client_of(member)

    found = {
        name: client.post(address(name, house), PAGES[name][1]).status_code
        for name in OF_MODEL[3:]
    }

    theirs = {"load_model": OF_MODEL[3:5], "delete_model": OF_MODEL[5:]}[right]
    assert {name for name, status in found.items() if status == 302} == set(theirs)
    assert set(found.values()) == {302, 403}
    assert Errand.objects.count() == len(theirs)


def test_only_the_owner_deletes_a_conversation(house: House) -> None:
    url = reverse("conversation-delete", args=[house.conversation.pk])

    statuses = [
        client_of(house.people[role]).post(url).status_code
        for role in ("member", "viewer", "stranger", "admin", "owner", "owner")
    ]

    assert statuses == [403, 403, 404, 404, 302, 404]


def test_a_branch_is_deleted_by_the_owner_and_by_whoever_wrote_it(house: House) -> None:
    url = reverse("message-delete", args=[house.conversation.pk, house.message.pk])

    statuses = [
        client_of(house.people[role]).post(url).status_code
        for role in ("member", "viewer", "stranger", "admin", "anonymous", "owner")
    ]

    assert statuses == [403, 403, 404, 404, SIGN_IN, 302]
    assert not house.conversation.messages.exists()


def named(patterns: list[URLPattern | URLResolver]) -> Iterator[str | None]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            if pattern.app_name != "admin":
                yield from named(pattern.url_patterns)
        elif not str(pattern.pattern).startswith("admin/login"):
            yield pattern.name


def test_every_address_stands_in_the_matrix() -> None:
    assert set(named(get_resolver().url_patterns)) == set(PAGES)
