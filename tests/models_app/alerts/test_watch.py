import random
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from django.utils import timezone
from pytest_django import Settings

from dashboard.live.bus import link
from dashboard.live.events import AlertChanged
from models_app.alerts.findings import Finding, Subject, Verdict
from models_app.alerts.watch import keep, look_for_trouble
from models_app.gpu.metrics import Metric
from models_app.gpu.samples import NAMELESS, Process
from models_app.models import Alert, AlertKind, AlertRule, Backend, Delivery, Webhook
from tests.fakes.heard import published
from tests.make import make_backend
from tests.models_app.alerts.seen import card, keep_latest, make_node, sample

pytestmark = pytest.mark.django_db

HOT = card({Metric.TEMPERATURE: 90.0})
NOW = 1_800_000_000.0


def finding(verdict: Verdict, pk: int = 1) -> Finding:
    return Finding(AlertKind.SERVER_DOWN, Subject(backend=pk), verdict, lasts=10)


def look_after(
    seconds: float, node: object, taken: object, *, since: float = NOW
) -> float:
    """Look when a sample came just before."""
    keep_latest(node, taken, at=since + seconds - 0.5)  # type: ignore[arg-type]
    look_for_trouble(now=since + seconds)
    return since + seconds


def open_kinds() -> list[str]:
    return sorted(Alert.objects.open().values_list("kind", flat=True))


def test_a_hot_card_is_said_once_it_lasted_and_is_over_once_it_is_cool() -> None:
    node, told = make_node(), Counter[str]()
    for second in range(0, 120, 5):
        taken = sample(HOT if second < 60 else card())
        with published() as events:
            look_after(second, node, taken)
        told.update(type(each).__name__ for each in events)

    alert = Alert.objects.get()
    assert alert.opened_at == datetime.fromtimestamp(NOW + 10, UTC)
    assert alert.cleared_at == datetime.fromtimestamp(NOW + 60, UTC)
    assert told == {"AlertChanged": 2}


@pytest.mark.parametrize("seed", range(8))
def test_each_alert_is_told_once_when_it_fires_and_once_when_it_clears(
    seed: int,
) -> None:
    Webhook.objects.create(name="w", enabled=True)
    backend, chance = make_backend(), random.Random(seed)  # noqa: S311
    for step in range(120):
        verdict = chance.choice([*Verdict, Verdict.TROUBLE, Verdict.CALM])
        for _ in range(chance.choice([1, 1, 2])):
            keep([finding(verdict, backend.pk)], now=NOW + 5 * step)

    told = Counter(Delivery.objects.values_list("alert", "event"))
    over = Alert.objects.filter(cleared_at__isnull=False)
    assert set(told.values()) <= {1}
    assert Delivery.objects.filter(event="fired").count() == Alert.objects.count() - (
        Alert.objects.filter(opened_at=None).count()
    )
    assert Delivery.objects.filter(event="cleared").count() == over.count()


def test_a_job_that_runs_twice_at_once_changes_nothing() -> None:
    node = make_node()
    for second in (0, 0, 5, 5, 10, 10):
        look_after(second, node, sample(HOT))

    assert open_kinds() == ["hot"]


def test_findings_may_come_in_any_order() -> None:
    findings = [finding(Verdict.TROUBLE, make_backend().pk) for _ in range(5)]
    for second in (0, 10):
        keep(findings if second else reversed(findings), now=NOW + second)

    assert Alert.objects.open().count() == 5


@pytest.fixture
def redis_is_away(settings: Settings) -> Iterator[None]:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    link.cache_clear()
    yield
    link.cache_clear()


def test_while_redis_is_away_nothing_ends(
    redis_is_away: None, caplog: pytest.LogCaptureFixture
) -> None:
    subject = Subject(node=make_node().pk, gpu="GPU-1")
    hot = Finding(AlertKind.HOT, subject, Verdict.TROUBLE)
    keep([hot], now=NOW)

    look_for_trouble(now=NOW + 3600)

    assert open_kinds() == ["hot"]
    assert "Alerts wait until Redis is back" in caplog.text


def test_while_redis_is_away_nothing_begins(redis_is_away: None) -> None:
    make_node(seen_at=timezone.now())
    make_backend(failure_code="backend_unreachable")

    look_for_trouble(now=NOW)

    assert not Alert.objects.exists()


def test_a_silent_host_ends_nothing_of_its_cards() -> None:
    node = make_node(seen_at=timezone.now())
    for second in (0, 10):
        look_after(second, node, sample(HOT))

    for second in range(15, 200, 5):
        look_for_trouble(now=NOW + second)

    assert open_kinds() == ["host-silent", "hot"]


def test_a_host_that_is_back_is_silent_no_more() -> None:
    node = make_node(seen_at=timezone.now())
    look_after(0, node, sample(card()))
    for second in range(5, 60, 5):
        look_for_trouble(now=NOW + second)
    assert open_kinds() == ["host-silent"]

    for second in range(60, 100, 5):
        look_after(second, node, sample(card()))

    assert open_kinds() == []


def test_a_worker_that_was_away_waits_for_the_next_sample() -> None:
    node = make_node(seen_at=timezone.now())
    keep_latest(node, sample(card()), at=NOW - 3600)

    look_for_trouble(now=NOW)
    look_after(5, node, sample(card()))

    assert not Alert.objects.exists()


def test_a_card_that_is_gone_is_hot_no_more() -> None:
    node = make_node()
    for second in (0, 10):
        look_after(second, node, sample(HOT))

    look_after(15, node, sample())

    assert open_kinds() == []


def test_what_is_removed_or_turned_off_ends_its_alerts() -> None:
    node, backend = make_node(), make_backend(failure_code="backend_unreachable")
    for second in range(0, 75, 5):
        look_after(second, node, sample(HOT))
    assert open_kinds() == ["hot", "server-down"]

    Backend.objects.filter(pk=backend.pk).update(enabled=False)
    AlertRule.objects.update_or_create(kind="hot", defaults={"enabled": False})
    look_after(80, node, sample(HOT))

    assert open_kinds() == []


def test_an_open_alert_follows_the_model_to_its_servers() -> None:
    node = make_node()
    backend = make_backend(base_url="http://gpu-01:11434", kind="ollama")
    ollama = Process(pid=2, program="ollama", ports=(11434,))
    for second in (0, 10):
        look_after(second, node, sample(HOT))
    assert Alert.objects.get().affected == []

    hot = card({Metric.TEMPERATURE: 90.0}, processes=(ollama,))
    with published() as events:
        look_after(15, node, sample(hot))

    assert Alert.objects.get().affected == [backend.pk]
    assert [type(each) for each in events] == [AlertChanged]


def test_a_card_that_misses_one_look_is_not_said_to_be_lost() -> None:
    node = make_node()
    for second in range(0, 60, 5):
        look_after(second, node, sample(card(lost=second == 0)))
        assert open_kinds() == []


def test_a_card_that_stays_away_is_lost_once() -> None:
    node = make_node()
    for second in (0, 5, 10):
        look_after(second, node, sample(card(lost=True)))

    assert open_kinds() == ["card-lost"]


def test_a_card_that_tells_its_name_at_last_is_lost_no_more() -> None:
    node, stand_in = make_node(), card(uuid=f"{NAMELESS}0", lost=True)
    for second in (0, 5):
        look_after(second, node, sample(stand_in))
    assert open_kinds() == ["card-lost"]

    look_after(10, node, sample(card()))

    assert open_kinds() == []
