"""Alerts that end because nothing is known any more."""

import pytest

from models_app.alerts.watch import look_for_trouble
from models_app.gpu.metrics import DriverState, Metric
from models_app.gpu.samples import Card, NodeSample
from models_app.models import Alert, AlertRule, Node
from models_app.nodes.adding import retire_node
from tests.models_app.alerts.seen import GIB, card, keep_latest, make_node, sample

pytestmark = pytest.mark.django_db
NOW = 1_800_000_000.0
BAD = {Metric.TEMPERATURE: 90.0, Metric.THROTTLE: 64.0, Metric.MEMORY_USED: 24.0 * GIB}
WRONG = ["hot", "memory-full", "throttled"]


def look(node: Node, taken: NodeSample, *seconds: int) -> None:
    for second in seconds:
        keep_latest(node, taken, at=NOW + second - 0.5)
        look_for_trouble(now=NOW + second)


def hot_host(taken: Card | None = None) -> Node:
    """A host with a card of which all is wrong, and another one, after two minutes."""
    node = make_node(secret_hash="x")
    cards = taken or card(BAD), card(uuid="GPU-2", index=1)
    look(node, sample(*cards), *range(0, 125, 5))
    assert open_kinds() == WRONG
    return node


def open_kinds() -> list[str]:
    return sorted(Alert.objects.open().values_list("kind", flat=True))


def endings() -> dict[str, str]:
    over = Alert.objects.filter(cleared_at__isnull=False)
    return {each.kind: each.facts.get("ended", "") for each in over}


def test_a_lost_card_is_lost_and_nothing_else() -> None:
    node = hot_host()

    look(node, sample(card(BAD, lost=True), card(uuid="GPU-2")), 125, 130, 135)

    assert open_kinds() == ["card-lost"]
    assert endings() == dict.fromkeys(WRONG, "card-lost")


def test_a_card_that_misses_one_look_is_as_hot_as_before() -> None:
    node = hot_host()

    look(node, sample(card(BAD, lost=True), card(uuid="GPU-2")), 125)

    assert open_kinds() == WRONG


def test_where_nobody_wants_to_hear_of_lost_cards_their_alerts_end_all_the_same() -> (
    None
):
    node = hot_host()
    AlertRule.objects.update_or_create(kind="card-lost", defaults={"enabled": False})

    look(node, sample(card(BAD, lost=True), card(uuid="GPU-2")), 125)

    assert endings() == dict.fromkeys(WRONG, "card-lost")


def test_a_host_without_a_driver_has_no_hot_card() -> None:
    node = hot_host()
    lost = [card(BAD, lost=True), card(uuid="GPU-2", lost=True)]

    look(node, sample(*lost, driver=DriverState.DRIVER_DOWN), 125, 130, 135)

    assert open_kinds() == ["card-lost"]
    assert endings() == dict.fromkeys(WRONG, "card-lost")


def test_a_card_that_was_taken_out_ends_all_that_was_said_of_it() -> None:
    node = hot_host()

    look(node, sample(card(uuid="GPU-2")), 125)

    assert endings() == dict.fromkeys(WRONG, "card-gone")


@pytest.mark.parametrize("is_said", [True, False])
def test_of_a_host_that_is_silent_for_long_nothing_else_is_said(is_said: bool) -> None:
    hot_host()
    AlertRule.objects.update_or_create(
        kind="host-silent", defaults={"enabled": is_said}
    )
    for second in range(130, 720, 10):
        look_for_trouble(now=NOW + second)
    assert {"hot", "memory-full"} <= set(open_kinds())

    for second in (720, 730, 740):
        look_for_trouble(now=NOW + second)

    assert open_kinds() == (["host-silent"] if is_said else [])
    assert endings() == dict.fromkeys(WRONG, "host-silent")


def test_a_worker_that_was_away_ends_nothing_by_an_old_sample() -> None:
    node = hot_host()

    look_for_trouble(now=NOW + 3600)
    look(node, sample(card(BAD), card(uuid="GPU-2")), 3605)

    assert open_kinds() == WRONG


def test_a_host_that_is_removed_ends_its_alerts() -> None:
    node = hot_host()
    retire_node(node.name)

    look_for_trouble(now=NOW + 130)

    assert endings() == dict.fromkeys(WRONG, "host-removed")
