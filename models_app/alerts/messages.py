"""What webhooks are sent: plain JSON for programs, and what Slack understands."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from models_app.alerts.over_words import over_sentence
from models_app.alerts.words import sentence, severity_of
from models_app.models import Alert, Delivery, Webhook

SIGNS = {"bad": "🔴", "warn": "🟠", "note": "🔵"}
WELL, UNKNOWN = "✅", "⚪"


def message_of(alert: Alert, *others: Alert, event: str, style: str) -> dict[str, Any]:
    """The body for one webhook, in the language of the house; a person is told of `others`
    of the same sort as well."""
    with override(settings.LANGUAGE_CODE):
        if style == Webhook.Style.SLACK:
            return _slack(_lines(alert, *others, event=event))
        return _plain(alert, event)


def trial_message(*, style: str) -> dict[str, Any]:
    """A body that says of itself that it is a test."""
    with override(settings.LANGUAGE_CODE):
        words = _("This is a test of Paddock's alerts. Nothing is wrong.")
        if style == Webhook.Style.SLACK:
            return _slack(f"🧪 {words}")
        return {"event": "test", "test": True, "sentence": words, "url": _page()}


def _plain(alert: Alert, event: str) -> dict[str, Any]:
    """`id` is the same however often it is sent: a receiver may see it twice. `ended` says
    why it is over where nothing has become well."""
    facts = alert.facts
    return {
        "event": event,
        "test": False,
        "id": f"{alert.pk}-{event}",
        "alert": alert.pk,
        "kind": alert.kind,
        "severity": severity_of(alert.kind).value,
        "sentence": told_of(alert, event),
        "host": facts.get("host"),
        "card": facts.get("card"),
        "index": facts.get("index"),
        "gpu": alert.gpu_uuid or None,
        "server": facts.get("server"),
        "value": alert.value,
        "began": _time(alert.began),
        "cleared": _time(alert.cleared_at),
        "ended": facts.get("ended"),
        "url": _page(),
    }


def _slack(text: str) -> dict[str, Any]:
    """Three characters begin markup there; all others are themselves."""
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return {"text": f"{escaped}\n<{_page()}|Paddock>"}


def _lines(alert: Alert, *others: Alert, event: str) -> str:
    if event != Delivery.Event.CLEARED:
        return f"{SIGNS[severity_of(alert.kind)]} {sentence(alert, *others)}"
    return "\n".join(
        f"{UNKNOWN if each.facts.get('ended') else WELL} {over_sentence(each)}"
        for each in (alert, *others)
    )


def told_of(alert: Alert, event: str) -> str:
    """What is wrong and what to do; or that it is over."""
    over = event == Delivery.Event.CLEARED
    return over_sentence(alert) if over else sentence(alert)


def _page() -> str:
    return f"{settings.PADDOCK_URL}/status/"


def _time(at: datetime | None) -> str | None:
    return at.astimezone(timezone.get_default_timezone()).isoformat() if at else None
