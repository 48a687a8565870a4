"""What webhooks are to be told of alerts: ordered with the alert itself, closed once."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone

from dashboard.jobs import enqueue
from models_app.alerts.posting import Outcome
from models_app.alerts.words import sort_of
from models_app.models import Alert, Delivery, Webhook

TASK = "models_app.send_deliveries"
PAUSES = tuple(timedelta(seconds=each) for each in (10, 60, 300, 1800))
"""Before the second try, the third and so on; after the last one it is given up."""
LEASE = timedelta(seconds=60)
"""After which a worker that took one, and has not said how it went, counts as dead; a
request has ten seconds."""


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


def webhooks_to_tell(*, now: datetime) -> list[int]:
    """The webhooks for which something is due, by number."""
    return list(dict.fromkeys(_due(now).values_list("webhook", flat=True)))


def claim_next(webhook: int, *, now: datetime) -> Delivery | None:
    """Take what is due for a webhook, the oldest first; of two workers one gets it."""
    due = _due(now).filter(webhook=webhook)
    return next((each for each in due if claim(each, now=now)), None)


def claim_alike(delivery: Delivery, *, now: datetime) -> list[Delivery]:
    """Take what is due besides one that was taken, and can be told in one message with it:
    the same of other cards of its host, to a person and not to a program."""
    alert, webhook = delivery.alert, delivery.webhook
    if webhook.style != Webhook.Style.SLACK or not alert.gpu_uuid:
        return []
    due = _due(now).filter(webhook=webhook, event=delivery.event)
    alike = [each for each in due if sort_of(each.alert) == sort_of(alert)]
    others = (each for each in alike if each.pk != delivery.pk)
    return [each for each in others if claim(each, now=now)]


def claim(delivery: Delivery, *, now: datetime) -> bool:
    """Begin the next try of a delivery as it was read, unless somebody was quicker."""
    unchanged = _waiting(delivery).filter(claimed_at=delivery.claimed_at)
    if not unchanged.update(claimed_at=now, tries=F("tries") + 1):
        return False
    delivery.tries, delivery.claimed_at = delivery.tries + 1, now
    return True


@transaction.atomic
def close_try(delivery: Delivery, outcome: Outcome, *, now: datetime) -> None:
    """Keep how it went; what failed is due again later, or given up."""
    status, next_try_at = Delivery.Status.SENT, now
    if not outcome.well:
        status, next_try_at = _again(delivery.tries, now)
    note_outcome(delivery.webhook, outcome)
    _waiting(delivery).update(
        status=status,
        next_try_at=next_try_at,
        claimed_at=None,
        outcome=outcome.code,
        outcome_facts=dict(outcome.facts),
    )


def note_outcome(webhook: Webhook, outcome: Outcome) -> None:
    """Keep how the last message to it went, for the administrators."""
    Webhook.objects.filter(pk=webhook.pk).update(
        outcome=outcome.code,
        outcome_facts=dict(outcome.facts),
        outcome_at=timezone.now(),
    )


def _wanting(alert: Alert) -> Iterable[Webhook]:
    enabled = Webhook.objects.filter(enabled=True)
    return [each for each in enabled if not each.kinds or alert.kind in each.kinds]


def _told(alert: Alert) -> Iterable[Webhook]:
    fired = Delivery.objects.filter(alert=alert, event=Delivery.Event.FIRED)
    return Webhook.objects.filter(enabled=True, deliveries__in=fired)


def _due(now: datetime) -> QuerySet[Delivery]:
    """What waits, is due and is nobody's; the end of an alert waits until its beginning
    was told."""
    waiting = Delivery.objects.filter(status=Delivery.Status.WAITING)
    beginning = waiting.filter(
        webhook=OuterRef("webhook"),
        alert=OuterRef("alert"),
        event=Delivery.Event.FIRED,
    )
    free = Q(claimed_at=None) | Q(claimed_at__lt=now - LEASE)
    due = waiting.filter(free, next_try_at__lte=now, webhook__enabled=True)
    too_soon = Q(Exists(beginning), event=Delivery.Event.CLEARED)
    return due.exclude(too_soon).select_related("webhook", "alert").order_by("pk")


def _waiting(delivery: Delivery) -> QuerySet[Delivery]:
    """The row, if it waits and nobody has tried again since it was read."""
    return Delivery.objects.filter(
        pk=delivery.pk, status=Delivery.Status.WAITING, tries=delivery.tries
    )


def _again(tries: int, now: datetime) -> tuple[Delivery.Status, datetime]:
    if tries > len(PAUSES):
        return Delivery.Status.GIVEN_UP, now
    return Delivery.Status.WAITING, now + PAUSES[tries - 1]
