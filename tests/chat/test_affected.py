import uuid

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from chat.affected import troubles_of as troubles_found
from chat.services.turns import Words, start_turn
from dashboard.live.events import HeadChanged
from dashboard.people.models import User
from models_app.models import Alert, AlertKind, Backend
from models_app.snapshot import forget
from tests.fakes.heard import published
from tests.make import make_backend, make_conversation, make_model

pytestmark = pytest.mark.django_db


@pytest.fixture
def backend() -> Backend:
    backend = make_backend(name="ollama")
    make_model("tiny", backend=backend)
    return backend


def alert_of(kind: AlertKind, backend: Backend, **fields: object) -> Alert:
    now = timezone.now()
    facts = {"host": "gpu-01", "card": "RTX 4090", "index": 0, "server": backend.name}
    down = backend if kind == AlertKind.SERVER_DOWN else None
    wanted = {
        "subject": f"{kind} {backend.pk}",
        "backend": down,
        "affected": [backend.pk],
        "opened_at": now,
        "facts": facts,
        **fields,
    }
    return Alert.objects.create(kind=kind, began=now, troubled_at=now, **wanted)


def troubles_of(person: User, target: str) -> list[str]:
    return [each.sentence for each in troubles_found(person, target)]


def test_a_card_that_slows_down_is_said_in_the_chats_that_it_answers(
    person: User, backend: Backend
) -> None:
    alert_of(AlertKind.THROTTLED, backend)

    assert troubles_of(person, "model:tiny") == [
        "gpu-01 is too hot and runs slower; replies may take longer."
    ]


def test_two_cards_of_a_host_are_said_once(person: User, backend: Backend) -> None:
    for card in ("a", "b"):
        alert_of(AlertKind.THROTTLED, backend, subject=card)

    (said,) = troubles_found(person, "model:tiny")
    assert said.alerts == tuple(Alert.objects.values_list("pk", flat=True))


@pytest.mark.parametrize(
    "fields",
    [{"opened_at": None}, {"cleared_at": timezone.now()}, {"dismissed": True}],
)
def test_what_is_not_open_is_not_said(
    fields: dict[str, object], person: User, backend: Backend
) -> None:
    alert_of(AlertKind.THROTTLED, backend, **fields)

    assert troubles_of(person, "model:tiny") == []


def test_other_chats_are_told_nothing(person: User, backend: Backend) -> None:
    make_model("other")
    alert_of(AlertKind.THROTTLED, backend)

    assert troubles_of(person, "model:other") == []
    assert troubles_of(person, "model:gone") == []


@pytest.mark.parametrize(
    "kind", [AlertKind.DISK_FULL, AlertKind.HOST_SILENT, AlertKind.XID_PROGRAM]
)
def test_what_changes_nothing_for_a_chat_is_not_said_there(
    kind: AlertKind, person: User, backend: Backend
) -> None:
    alert_of(kind, backend)

    assert troubles_of(person, "model:tiny") == []


def test_a_server_that_is_down_is_said_when_no_other_has_the_model(
    person: User, backend: Backend
) -> None:
    alert_of(AlertKind.SERVER_DOWN, backend)
    (alone,) = troubles_of(person, "model:tiny")

    make_model("tiny", backend=make_backend())
    forget()

    assert alone.startswith("ollama does not answer.")
    assert troubles_of(person, "model:tiny") == []


def test_of_two_servers_that_are_down_the_one_is_said_whose_alert_stays(
    person: User, backend: Backend
) -> None:
    other = make_backend(name="vllm")
    make_model("tiny", backend=other)
    alert_of(AlertKind.SERVER_DOWN, backend, dismissed=True)
    alert_of(AlertKind.SERVER_DOWN, other)

    (said,) = troubles_of(person, "model:tiny")

    assert said.startswith("vllm does not answer.")


def test_a_server_of_others_is_not_named(person: User, backend: Backend) -> None:
    make_model("tiny", backend=make_backend())
    backend.groups.add(Group.objects.create(name="others"))
    alert_of(AlertKind.THROTTLED, backend)

    assert troubles_of(person, "model:tiny") == []


def test_the_page_and_its_fragment_say_it(
    signed_in: Client, person: User, backend: Backend
) -> None:
    conversation = make_conversation(person)
    alert_of(AlertKind.THROTTLED, backend)

    for name in ("conversation", "conversation-affected"):
        page = signed_in.get(reverse(name, args=[conversation.pk]))
        assert "gpu-01 is too hot and runs slower" in page.content.decode()


def test_a_page_hears_that_its_conversation_has_another_target(
    person: User, backend: Backend
) -> None:
    make_model("other", backend=backend)
    conversation = make_conversation(person)

    with published() as events:
        words = Words("Hi", uuid.uuid4(), target="model:other")
        start_turn(conversation.pk, person=person, words=words)

    assert HeadChanged(conversation.pk) in events
