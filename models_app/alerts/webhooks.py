"""Webhooks as administrators keep them: their URL sealed, and tested on demand."""

from urllib.parse import urlsplit

from asgiref.sync import async_to_sync
from django.db import transaction
from django.utils.translation import gettext_noop

from models_app.alerts.deliveries import note_outcome
from models_app.alerts.messages import trial_message
from models_app.alerts.posting import Outcome, post
from models_app.models import Delivery, Webhook
from models_app.sealing import seal

NO_URL = gettext_noop(
    "That is no address. Copy the whole URL from the program that is to be told; it "
    "begins with https:// or http://."
)
LONGEST = 2000


def shown_address(url: str) -> str:
    """As much of a URL as may be shown; a `ValueError` says what is wrong with it."""
    try:
        parts = urlsplit(url.strip())
        port = f":{parts.port}" if parts.port else ""
    except ValueError as garbage:
        raise ValueError(NO_URL) from garbage
    odd = any(each.isspace() or not each.isprintable() for each in url.strip())
    if parts.scheme not in ("http", "https") or not parts.hostname or odd:
        raise ValueError(NO_URL)
    return f"{parts.scheme}://{parts.hostname}{port}/…"


@transaction.atomic
def save_webhook(webhook: Webhook, *, url: str) -> None:
    """Keep it; an empty URL leaves the one that is stored.

    What waits for one that is off is never sent: it would come when nobody expects it.
    """
    if url:
        webhook.address = shown_address(url)[:300]
        webhook.sealed_url = seal(url.strip())
        webhook.outcome, webhook.outcome_facts, webhook.outcome_at = "", {}, None
    webhook.save()
    if not webhook.enabled:
        waiting = Delivery.objects.filter(
            webhook=webhook, status=Delivery.Status.WAITING
        )
        waiting.update(status=Delivery.Status.GIVEN_UP)


def try_webhook(webhook: Webhook) -> Outcome:
    """Send it a message that says it is a test, whether it is enabled or not."""
    outcome = async_to_sync(post)(webhook, trial_message(style=webhook.style))
    note_outcome(webhook, outcome)
    return outcome
