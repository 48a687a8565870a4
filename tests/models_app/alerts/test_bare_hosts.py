"""A host that had cards and has none."""

import pytest

from models_app.alerts.findings import Finding, HostReading, Verdict
from models_app.alerts.queries import chat_troubles, open_alerts
from models_app.alerts.reading import readings_at
from models_app.alerts.rules import find
from models_app.alerts.watch import look_for_trouble
from models_app.gpu.metrics import DriverState
from models_app.gpu.samples import Card, NodeSample
from models_app.models import DEFAULTS, Alert, AlertKind, Gpu, Node
from tests.make import make_backend
from tests.models_app.alerts.seen import card, host, keep_latest, make_node, sample
from tests.models_app.alerts.seen import readings as seen

NOW = 1_800_000_000.0
DOWN = DriverState.DRIVER_DOWN
EIGHT = [card(uuid=f"GPU-{n}", index=n) for n in range(8)]
LOST = [card(uuid=f"GPU-{n}", index=n, lost=True) for n in range(8)]


def lost_of(*hosts: HostReading) -> list[Finding]:
    found = find(seen(*hosts), DEFAULTS)
    return [each for each in found if each.kind == AlertKind.CARD_LOST]


def told(*cards: Card, had: int = 8, driver: DriverState = DOWN) -> HostReading:
    return host(sample=sample(*cards, driver=driver), had=had)


@pytest.mark.parametrize("state", DriverState)
@pytest.mark.parametrize("cards", [(), LOST])
def test_a_host_that_lost_all_cards_is_one_finding_by_any_driver(
    state: DriverState, cards: list[Card]
) -> None:
    (found,) = lost_of(told(*cards, driver=state))

    assert (found.verdict, found.subject.key) == (Verdict.TROUBLE, "node:1")
    assert found.facts["driver"] == state


def test_a_host_that_never_had_a_card_lacks_none() -> None:
    assert lost_of(told(had=0, driver=DriverState.NO_NVIDIA)) == []


def test_one_card_that_answers_is_enough_to_say_each_lost_one_by_itself() -> None:
    found = lost_of(told(EIGHT[0], *LOST[1:], driver=DriverState.OK))

    keys = {each.subject.key for each in found if each.verdict is Verdict.TROUBLE}
    assert keys == {f"gpu:1:GPU-{n}" for n in range(1, 8)}


def test_the_only_card_of_a_host_whose_driver_is_well_is_lost_by_itself() -> None:
    found = lost_of(told(LOST[0], had=1, driver=DriverState.OK))

    verdicts = {each.subject.key: each.verdict for each in found}
    assert verdicts == {"gpu:1:GPU-0": Verdict.TROUBLE, "node:1": Verdict.CALM}


def test_a_stuck_driver_has_lost_the_cards_of_which_it_says_nothing() -> None:
    silent = card()
    silent.values.clear()

    (found,) = lost_of(told(silent, driver=DriverState.STUCK))

    assert found.verdict is Verdict.TROUBLE


def test_a_driver_has_time_to_begin_unless_it_says_what_is_wrong() -> None:
    (down,) = lost_of(told())
    (away,) = lost_of(told(driver=DriverState.NO_NVIDIA))

    assert (down.lasts, away.lasts) == (2, 30)


def look(node: Node, taken: NodeSample, *seconds: int) -> None:
    for second in seconds:
        keep_latest(node, taken, at=NOW + second - 0.5)
        look_for_trouble(now=NOW + second)


@pytest.mark.django_db
def test_a_host_whose_driver_is_gone_says_so_once_and_is_well_with_its_cards() -> None:
    node = make_node(secret_hash="x")
    backend = make_backend(base_url="http://gpu-01:8000")
    Gpu.objects.create(node=node, uuid="GPU-0")
    look(node, sample(*LOST, driver=DOWN), 0, 5, 10)
    (alert,) = open_alerts()

    assert alert.sentence.startswith("gpu-01 has lost all its cards. The NVIDIA driver")
    (trouble,) = chat_troubles({backend.pk})
    assert "lost all its cards" in trouble.sentence
    look(node, sample(*EIGHT), 15, 50)
    assert open_alerts() == []
    assert Alert.objects.count() == 1


@pytest.mark.django_db
def test_a_card_that_went_to_another_host_is_no_loss_of_the_first() -> None:
    old, new = make_node("gpu-01"), make_node("gpu-02")
    Gpu.objects.create(node=new, uuid="GPU-0", seen_at=new.added_at)
    Gpu.objects.create(node=old, uuid="GPU-0")
    for node in (old, new):
        keep_latest(node, sample(), at=NOW)

    had = {each.name: each.had for each in readings_at(NOW).hosts}

    assert had == {"gpu-01": 0, "gpu-02": 1}
