"""Webhooks told of alerts: ordered with the alert itself, sent by a worker, once each."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone

from dashboard.jobs import enqueue
from models_app.alerts.messages import message_of
from models_app.alerts.posting import Outcome, post
from models_app.models import Alert, Delivery, Webhook

TASK = "models_app.send_deliveries"
PAUSES = tuple(timedelta(seconds=each) for each in (10, 60, 300, 1800))
"""Before the second try, the third and so on; after the last one it is given up."""
LEASE = timedelta(seconds=60)
"""How long a try may take before another worker takes it over; a request has ten."""


def order_deliveries(alert: Alert, event: Delivery.Event, *, at: datetime) -> None:
    """Have each webhook that wants it told; call it where the alert changes, in the same
    transaction. That it is over is told to those who were told that it began."""
    webhooks = _wanting(alert) if event == Delivery.Event.FIRED else _told(alert)
    rows = [
        Delivery(webhook=each, alert=alert, event=event, next_try_at=at)
        for each in webhooks
    ]
    if rows:
        Delivery.objects.bulk_create(rows, ignore_conflicts=True)
        enqueue(TASK)


def send_due(*, now: datetime) -> None:
    """Send what is due; another worker that does the same sends nothing twice."""
    for delivery in _due(now):
        if _claimed(delivery, now=now):
            _send(delivery)


def _wanting(alert: Alert) -> Iterable[Webhook]:
    enabled = Webhook.objects.filter(enabled=True)
    return [each for each in enabled if not each.kinds or alert.kind in each.kinds]


def _told(alert: Alert) -> Iterable[Webhook]:
    fired = Delivery.objects.filter(alert=alert, event=Delivery.Event.FIRED)
    return Webhook.objects.filter(enabled=True, deliveries__in=fired)


def _due(now: datetime) -> QuerySet[Delivery]:
    """What waits and is due; the end of an alert waits until its beginning was told."""
    waiting = Delivery.objects.filter(status=Delivery.Status.WAITING)
    beginning = waiting.filter(
        webhook=OuterRef("webhook"),
        alert=OuterRef("alert"),
        event=Delivery.Event.FIRED,
    )
    due = waiting.filter(next_try_at__lte=now, webhook__enabled=True)
    too_soon = Q(Exists(beginning), event=Delivery.Event.CLEARED)
    return due.exclude(too_soon).select_related("webhook", "alert").order_by("pk")


def _claimed(delivery: Delivery, *, now: datetime) -> bool:
    still = Delivery.objects.filter(
        pk=delivery.pk,
        status=Delivery.Status.WAITING,
        next_try_at=delivery.next_try_at,
    )
    delivery.tries += 1
    return bool(still.update(next_try_at=now + LEASE, tries=F("tries") + 1))


def _send(delivery: Delivery) -> None:
    webhook = delivery.webhook
    body = message_of(delivery.alert, delivery.event, style=webhook.style)
    outcome = post(webhook, body)
    note_outcome(webhook, outcome)
    _note(delivery, outcome, now=timezone.now())


@transaction.atomic
def _note(delivery: Delivery, outcome: Outcome, *, now: datetime) -> None:
    """Keep how it went; what failed is due again later, or given up."""
    status, next_try_at = Delivery.Status.SENT, now
    if not outcome.well:
        status, next_try_at = _again(delivery.tries, now)
    Delivery.objects.filter(pk=delivery.pk, status=Delivery.Status.WAITING).update(
        status=status,
        next_try_at=next_try_at,
        outcome=outcome.code,
        outcome_facts=dict(outcome.facts),
    )


def _again(tries: int, now: datetime) -> tuple[Delivery.Status, datetime]:
    if tries > len(PAUSES):
        return Delivery.Status.GIVEN_UP, now
    return Delivery.Status.WAITING, now + PAUSES[tries - 1]


def note_outcome(webhook: Webhook, outcome: Outcome) -> None:
    """Keep how the last message to it went, for the administrators."""
    Webhook.objects.filter(pk=webhook.pk).update(
        outcome=outcome.code,
        outcome_facts=dict(outcome.facts),
        outcome_at=timezone.now(),
    )
