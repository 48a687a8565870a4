import asyncio
from datetime import datetime, timedelta
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.utils import timezone

from models_app.alerts.deliveries import LEASE, PAUSES, claim, close_try
from models_app.alerts.findings import Finding, Subject, Verdict
from models_app.alerts.posting import Outcome, outcome_sentence, post
from models_app.alerts.rounds import Round
from models_app.alerts.watch import keep
from models_app.alerts.webhooks import save_webhook, shown_address
from models_app.models import AlertKind, Backend, Delivery, Node, Webhook
from tests.fakes.heard import enqueued
from tests.fakes.hooks import receiver
from tests.make import make_backend

pytestmark = pytest.mark.django_db(transaction=True)
START = datetime(2026, 11, 28, 12, tzinfo=timezone.get_default_timezone())


def make_webhook(url: str, **fields: Any) -> Webhook:
    webhook = Webhook(**{"name": "room", "enabled": True, **fields})
    save_webhook(webhook, url=url)
    return webhook


def server_is(verdict: Verdict, backend: Backend, *, at: datetime = START) -> None:
    facts = {"server": backend.name}
    subject = Subject(backend=backend.pk)
    found = Finding(AlertKind.SERVER_DOWN, subject, verdict, facts=facts)
    keep([found], now=at.timestamp())


def fire(backend: Backend | None = None) -> Backend:
    backend = backend or make_backend(name="gpu-01 <ollama>")
    server_is(Verdict.TROUBLE, backend)
    return backend


def clear(backend: Backend) -> None:
    for seconds in (60, 90):
        server_is(Verdict.CALM, backend, at=START + timedelta(seconds=seconds))


def send(*, at: datetime = START) -> None:
    """What the worker does when the clock has it do so."""
    async_to_sync(Round(clock=lambda: at).run)()


def run_for(hours: float) -> None:
    """The clock runs the job each five seconds; here, twenty times."""
    for step in range(1, 21):
        send(at=START + timedelta(hours=hours) * step / 20)


def test_a_webhook_that_fails_twice_is_told_once_it_answers() -> None:
    with receiver(500, 503, 204) as room:
        webhook = make_webhook(room.url)
        fire()
        run_for(hours=1)

    delivery = Delivery.objects.get()
    webhook.refresh_from_db()
    assert (delivery.status, delivery.tries) == ("sent", 3)
    assert len(room.sent) == 3
    assert webhook.outcome == "well"


def test_tries_come_later_and_later() -> None:
    with receiver(500) as room:
        make_webhook(room.url)
        fire()
        pauses = []
        for hour in range(len(PAUSES)):
            moment = START + timedelta(hours=hour)
            send(at=moment)
            pauses.append(Delivery.objects.get().next_try_at - moment)

    assert [each.total_seconds() for each in pauses] == [10, 60, 300, 1800]


def test_after_five_tries_it_is_given_up_and_that_is_said() -> None:
    with receiver(404) as room:
        webhook = make_webhook(room.url)
        fire()
        run_for(hours=2)

    delivery = Delivery.objects.get()
    webhook.refresh_from_db()
    assert (delivery.status, delivery.tries, len(room.sent)) == ("given-up", 5, 5)
    assert "status 404" in outcome_sentence(webhook.outcome, webhook.outcome_facts)


def test_what_is_not_due_is_not_sent_again() -> None:
    with receiver(500) as room:
        make_webhook(room.url)
        fire()
        for _ in range(3):
            send()

    assert len(room.sent) == 1


def test_a_slow_webhook_holds_up_none_but_itself() -> None:
    with receiver() as slow, receiver() as quick:
        slow.after = quick.arrived
        make_webhook(slow.url, name="slow")
        make_webhook(quick.url, name="quick")
        fire()
        send()

    assert quick.arrived.is_set()
    assert {each.status for each in Delivery.objects.all()} == {"sent"}


def test_all_that_a_webhook_is_to_be_told_is_told_in_one_round() -> None:
    with receiver() as room:
        make_webhook(room.url)
        servers = [fire(make_backend(name=name)).name for name in "abc"]
        send()

    assert [each["server"] for each in room.sent] == servers


def test_of_two_workers_at_once_one_sends_each_message() -> None:
    with receiver() as room:
        make_webhook(room.url)
        for _ in range(3):
            fire(make_backend())

        async def both() -> None:
            rounds = [Round(clock=lambda: START) for _ in range(2)]
            await asyncio.gather(*(each.run() for each in rounds))

        async_to_sync(both)()

    assert len(room.sent) == len({each["id"] for each in room.sent}) == 3


def test_of_two_that_read_the_same_delivery_one_takes_it() -> None:
    make_webhook("http://127.0.0.1:9/")
    fire()
    first, second = Delivery.objects.get(), Delivery.objects.get()

    assert claim(first, now=START)
    assert not claim(second, now=START)


def test_what_a_worker_took_that_died_is_sent_after_its_lease() -> None:
    with receiver() as room:
        make_webhook(room.url)
        fire()
        claim(Delivery.objects.get(), now=START)
        send(at=START + LEASE)
        assert room.sent == []

        send(at=START + LEASE + timedelta(seconds=1))

    assert len(room.sent) == 1
    assert Delivery.objects.get().tries == 2


def test_a_worker_that_was_given_up_changes_nothing_any_more() -> None:
    make_webhook("http://127.0.0.1:9/")
    fire()
    late, later = START + 2 * LEASE, START + 3 * LEASE
    stale, ours = Delivery.objects.get(), Delivery.objects.get()
    claim(stale, now=START)
    ours.refresh_from_db()
    claim(ours, now=late)

    close_try(stale, Outcome("well"), now=later)

    ours.refresh_from_db()
    assert (ours.status, ours.claimed_at) == ("waiting", late)


def test_an_answer_that_never_ends_is_given_up_in_time() -> None:
    with receiver() as room:
        room.trickles = True
        webhook = make_webhook(room.url)
        outcome = async_to_sync(post)(webhook, {}, seconds=0.2)

    assert outcome == Outcome("silent")


def test_fire_and_clear_are_told_once_each_and_in_order() -> None:
    with receiver(500, 200) as room:
        make_webhook(room.url)
        clear(fire())
        run_for(hours=1)

    assert [each["event"] for each in room.sent] == ["fired", "fired", "cleared"]


def test_whoever_was_not_told_that_it_began_is_not_told_that_it_is_over() -> None:
    backend = fire()
    with receiver() as room:
        make_webhook(room.url)
        clear(backend)
        run_for(hours=1)

    assert room.sent == []


def test_a_webhook_gets_the_kinds_that_it_wants_while_it_is_enabled() -> None:
    make_webhook("http://127.0.0.1:9/", name="off", enabled=False)
    make_webhook("http://127.0.0.1:9/", name="other", kinds=["hot"])
    make_webhook("http://127.0.0.1:9/", name="this", kinds=["server-down"])

    fire()

    assert [each.webhook.name for each in Delivery.objects.all()] == ["this"]


def test_what_waits_for_a_webhook_that_is_turned_off_is_never_sent() -> None:
    with receiver() as room:
        webhook = make_webhook(room.url)
        fire()
        webhook.enabled = False
        save_webhook(webhook, url="")
        webhook.enabled = True
        save_webhook(webhook, url="")
        run_for(hours=1)

    assert room.sent == []


def test_programs_are_told_everything_as_json() -> None:
    with receiver() as room:
        make_webhook(room.url)
        fire()
        run_for(hours=1)

    (body,) = room.sent
    assert room.paths == ["/hooks/s3cret"]
    assert body["id"].endswith("-fired")
    assert (body["kind"], body["severity"]) == ("server-down", "bad")
    assert body["server"] == "gpu-01 <ollama>"
    assert body["began"] == "2026-11-28T12:00:00+00:00"
    assert body["sentence"].startswith("gpu-01 <ollama> does not answer.")


def test_slack_is_told_in_its_own_form() -> None:
    with receiver() as room:
        make_webhook(room.url, style="slack")
        clear(fire())
        run_for(hours=1)

    fired, cleared = room.sent
    assert fired.keys() == {"text"}
    assert fired["text"].startswith("🔴 gpu-01 &lt;ollama&gt; does not answer.")
    assert fired["text"].endswith("/status/|Paddock>")
    assert cleared["text"].startswith(
        "✅ Model server down: gpu-01 &lt;ollama&gt;. This is over; it lasted 1 minute."
    )


def test_a_redirect_is_not_followed() -> None:
    with receiver(302) as room:
        webhook = make_webhook(room.url)
        fire()
        send()

    webhook.refresh_from_db()
    assert room.paths == ["/hooks/s3cret"]
    assert webhook.outcome == "moved"


def test_a_webhook_that_cannot_be_reached_is_said_without_its_secret() -> None:
    webhook = make_webhook("http://127.0.0.1:9/s3cret")
    fire()
    send()

    webhook.refresh_from_db()
    said = outcome_sentence(webhook.outcome, webhook.outcome_facts)
    assert "cannot be reached (Connection refused)" in said
    assert "s3cret" not in said


def test_a_url_under_another_secret_key_is_said() -> None:
    webhook = make_webhook("http://127.0.0.1:9/")
    Webhook.objects.update(sealed_url="no seal of ours")
    fire()
    send()

    webhook.refresh_from_db()
    assert webhook.outcome == "key_unreadable"


@pytest.mark.django_db
def test_the_worker_is_called_when_there_is_something_to_send() -> None:
    make_webhook("http://127.0.0.1:9/")

    with enqueued() as tasks:
        fire()

    assert ("models_app.send_deliveries",) in tasks


@pytest.mark.parametrize(
    "url", ["", "hooks.example", "ftp://x/", "http://", "http://a b/", "http://x:no/"]
)
def test_what_is_no_url_is_refused(url: str) -> None:
    with pytest.raises(ValueError):
        shown_address(url)


def test_of_a_url_only_the_host_is_shown() -> None:
    assert shown_address("https://me:pw@chat.lan:8065/hooks/s3cret?a=b") == (
        "https://chat.lan:8065/…"
    )


def cards_are(verdict: Verdict, *, at: datetime = START) -> None:
    facts = {"host": "gpu-01", "card": "H200", "limit": 85}
    node = Node.objects.get_or_create(name="gpu-01")[0].pk
    found = [
        Finding(
            AlertKind.HOT,
            Subject(node=node, gpu=f"GPU-{index}"),
            verdict,
            facts={**facts, "index": index},
        )
        for index in range(8)
    ]
    keep(found, now=at.timestamp())


def test_a_person_is_told_of_eight_hot_cards_in_one_message() -> None:
    with receiver(500, 200) as room:
        make_webhook(room.url, style="slack")
        cards_are(Verdict.TROUBLE)
        run_for(hours=1)
        for minute in (61, 62):
            cards_are(Verdict.CALM, at=START + timedelta(minutes=minute))
        send(at=START + timedelta(minutes=63))

    refused, told, over = (each["text"] for each in room.sent)
    assert refused == told
    assert told.startswith(
        "🟠 8 cards in gpu-01 (0, 1, 2, 3, 4, 5, 6, 7) went over 85 °C"
    )
    assert over.count("✅") == 8


def test_programs_are_told_of_each_card_by_itself() -> None:
    with receiver() as room:
        make_webhook(room.url)
        cards_are(Verdict.TROUBLE)
        send()

    assert [each["index"] for each in room.sent] == list(range(8))
