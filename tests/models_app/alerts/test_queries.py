from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.utils import timezone

from dashboard.people.models import User
from models_app.alerts.queries import (
    AlertNow,
    chat_troubles,
    open_alerts,
    open_alerts_for,
)
from models_app.alerts.words import chat_sentence, heading, sentence
from models_app.models import Alert, AlertKind, Severity
from tests.make import make_backend
from tests.models_app.alerts.seen import make_node

pytestmark = pytest.mark.django_db
FACTS = {"host": "gpu-01", "card": "RTX 4090", "index": 1, "server": "secret-vllm"}


def alert_of(kind: AlertKind, **fields: object) -> Alert:
    now = timezone.now()
    times = {"began": now, "troubled_at": now, "opened_at": now}
    wanted = {"subject": kind, "value": 97.4, "facts": FACTS, **times, **fields}
    return Alert.objects.create(kind=kind, **wanted)


@pytest.mark.parametrize("kind", AlertKind)
@pytest.mark.parametrize(
    "extra", [{}, {"braked": True}, {"unrepaired": True}, {"driver": "ok"}]
)
def test_each_kind_is_said_in_whole_sentences(
    kind: AlertKind, extra: dict[str, bool]
) -> None:
    alert = alert_of(kind, facts={**FACTS, **extra})

    for said in (sentence(alert), sentence(alert, alert), chat_sentence(alert)):
        assert "%(" not in said
        assert "%%" not in said
        assert not said or said.endswith(".")


def test_a_card_is_named_with_its_host_and_its_number() -> None:
    hot = alert_of(AlertKind.HOT, facts={**FACTS, "limit": 85})

    assert sentence(hot).startswith("RTX 4090 (card 1) in gpu-01 went over 85 °C.")


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        (AlertKind.HOT, "card too hot: gpu-01 · RTX 4090 (card 1)"),
        (AlertKind.SERVER_DOWN, "model server down: secret-vllm"),
        (AlertKind.DISK_FULL, "disk nearly full: gpu-01"),
    ],
)
def test_a_list_says_what_is_wrong_with_what(kind: AlertKind, said: str) -> None:
    wanted = {
        AlertKind.HOT: ("host", "card", "index"),
        AlertKind.SERVER_DOWN: ("server",),
        AlertKind.DISK_FULL: ("host",),
    }
    facts = {each: FACTS[each] for each in wanted[kind]}

    assert heading(alert_of(kind, facts=facts)) == said


def test_a_row_that_is_gone_still_has_its_name() -> None:
    node = make_node()
    alert = alert_of(AlertKind.HOST_SILENT, node=node)
    node.delete()

    assert "gpu-01" in sentence(Alert.objects.get(pk=alert.pk))


def test_the_worst_comes_first_and_then_the_newest() -> None:
    now = timezone.now()
    hot = alert_of(AlertKind.HOT)
    silent = alert_of(AlertKind.HOST_SILENT)
    lost = alert_of(AlertKind.CARD_LOST, began=now - timedelta(hours=1))

    assert [each.pk for each in open_alerts()] == [silent.pk, lost.pk, hot.pk]


def test_an_alert_says_what_it_is_about() -> None:
    node = make_node()
    alert = alert_of(AlertKind.HOT, node=node, gpu_uuid="GPU-1")

    assert open_alerts() == [
        AlertNow(
            pk=alert.pk,
            kind=AlertKind.HOT,
            severity=Severity.WARN,
            sentence=sentence(alert),
            since=alert.began,
            node=node.pk,
            backend=None,
            gpu="GPU-1",
        )
    ]


def test_whoever_may_not_use_a_server_does_not_read_its_name(
    person: User, admin: User
) -> None:
    backend = make_backend(name="secret-vllm")
    backend.groups.add(Group.objects.create(name="others"))
    alert_of(AlertKind.SERVER_DOWN, backend=backend)

    (theirs,), (whole,) = open_alerts_for(person), open_alerts_for(admin)

    assert (theirs.sentence, theirs.backend) == (
        "A model server does not answer.",
        None,
    )
    assert whole.sentence.startswith("secret-vllm does not answer.")


def test_whoever_may_use_a_server_reads_its_name(person: User) -> None:
    backend = make_backend(name="secret-vllm")
    alert_of(AlertKind.SERVER_DOWN, backend=backend)

    assert open_alerts_for(person) == open_alerts()


def of_card(kind: AlertKind, index: int, **fields: object) -> Alert:
    facts = {**FACTS, "index": index, **fields.pop("facts", {})}  # type: ignore[dict-item]
    wanted = {"subject": f"gpu:1:GPU-{index}", "gpu_uuid": f"GPU-{index}", **fields}
    return alert_of(kind, facts=facts, **wanted)


def test_cards_of_a_host_that_are_wrong_in_one_way_are_said_together() -> None:
    began = timezone.now() - timedelta(minutes=44)
    for index in (2, 0, 1):
        of_card(AlertKind.HOT, index, facts={"limit": 85 + index})
    of_card(AlertKind.HOT, 7, facts={"limit": 100}, began=began)
    of_card(AlertKind.HOT, 3, facts={"host": "gpu-02"})

    told = {each.sentence.split(". ")[0]: each for each in open_alerts()}

    hot = told.pop("4 cards in gpu-01 (0, 1, 2, 7) went over 85 °C")
    assert (hot.since, hot.gpu) == (began, "")
    assert list(told) == ["RTX 4090 (card 3) in gpu-02 went over 97 °C"]


def test_cards_that_slow_down_for_another_reason_are_said_apart() -> None:
    of_card(AlertKind.THROTTLED, 0)
    of_card(AlertKind.THROTTLED, 1, facts={"braked": True})

    assert len(open_alerts()) == 2


def test_errors_of_several_cards_are_told_with_all_their_codes() -> None:
    for index, code in enumerate((94, 48, 94)):
        of_card(AlertKind.XID, index, value=code)

    (error,) = open_alerts()

    assert "reported errors (Xid 48, 94)" in error.sentence


def test_a_card_that_fell_off_the_bus_is_lost_and_has_no_error_besides() -> None:
    for index in (1, 2):
        of_card(AlertKind.XID, index, value=79)
    of_card(AlertKind.CARD_LOST, 1, value=None)

    kinds = {(each.kind, each.gpu) for each in open_alerts()}

    assert kinds == {(AlertKind.CARD_LOST, "GPU-1"), (AlertKind.XID, "GPU-2")}


def test_a_host_that_lost_all_cards_lists_none_of_them() -> None:
    node = make_node()
    of_card(AlertKind.CARD_LOST, 1, node=node, affected=[7])
    facts = {"host": "gpu-01", "driver": "reboot-needed"}
    whole = {"subject": f"node:{node.pk}", "facts": facts, "affected": [7]}
    alert_of(AlertKind.CARD_LOST, node=node, **whole)

    (lost,), (said,) = open_alerts(), chat_troubles([7])

    assert said.sentence.startswith("gpu-01 has lost all its cards; replies may")
    assert lost.sentence.startswith("gpu-01 has lost all its cards. The NVIDIA driver")
