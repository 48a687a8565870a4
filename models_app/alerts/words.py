"""Alerts as sentences: what is wrong, and what to do now."""

from collections.abc import Sequence

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from models_app.alerts.sentences import sentence_of
from models_app.gpu.metrics import DriverState
from models_app.models import Alert, AlertKind, Severity
from models_app.nodes.drivers import gone_text

SEVERITIES: dict[AlertKind, Severity] = {
    AlertKind.HOT: Severity.WARN,
    AlertKind.THROTTLED: Severity.WARN,
    AlertKind.MEMORY_FULL: Severity.WARN,
    AlertKind.XID: Severity.BAD,
    AlertKind.XID_PROGRAM: Severity.NOTE,
    AlertKind.CARD_LOST: Severity.BAD,
    AlertKind.ECC: Severity.BAD,
    AlertKind.HOST_SILENT: Severity.BAD,
    AlertKind.SERVER_DOWN: Severity.BAD,
    AlertKind.DISK_FULL: Severity.WARN,
}

NAMELESS = gettext_noop("A model server does not answer.")

IN_CHATS: dict[AlertKind, str] = {
    AlertKind.HOT: gettext_noop("%(host)s is very hot; replies may soon take longer."),
    AlertKind.THROTTLED: gettext_noop(
        "%(host)s is too hot and runs slower; replies may take longer."
    ),
    AlertKind.MEMORY_FULL: gettext_noop(
        "The memory of %(host)s is nearly full; replies may take longer, or fail."
    ),
    AlertKind.XID: gettext_noop(
        "A card of %(host)s reported an error; replies may break off. Choose another "
        "model if they do."
    ),
    AlertKind.CARD_LOST: gettext_noop(
        "%(host)s has lost a card; replies may be slow, or fail. Choose another model if "
        "they do."
    ),
    AlertKind.ECC: gettext_noop(
        "A card of %(host)s has memory errors; replies may break off or be wrong. Choose "
        "another model until it was checked."
    ),
    AlertKind.SERVER_DOWN: gettext_noop(
        "%(server)s does not answer. Choose another model, or try again later."
    ),
}
"""Of what changes nothing for those who chat there is no sentence."""
BARE_IN_CHATS = gettext_noop(
    "%(host)s has lost all its cards; replies may be slow, or fail. Choose another model "
    "if they do."
)
BRAKED_IN_CHATS = gettext_noop(
    "%(host)s gets too little power and runs slower; replies may take longer."
)


def severity_of(kind: str) -> Severity:
    return SEVERITIES[AlertKind(kind)]


def sort_of(alert: Alert) -> tuple[str, ...]:
    """What it has in common with those that one sentence tells together: the host, and
    what is wrong with a card in which way."""
    if not alert.gpu_uuid:
        return alert.kind, alert.subject
    ways = (each for each in ("braked", "unrepaired") if alert.facts.get(each))
    return alert.kind, str(alert.facts.get("host")), *ways


def sentence(alert: Alert, *others: Alert) -> str:
    """What is wrong and what to do, for those who look after the house; `others` are of the
    same sort."""
    alerts = (alert, *others)
    return str(sentence_of(alert.kind, alert.facts) % _gaps(alerts))


def heading(alert: Alert) -> str:
    """What is wrong with what, for a list."""
    gaps, facts = _gaps((alert,)), alert.facts
    named = facts.get("server") if alert.kind == AlertKind.SERVER_DOWN else gaps["host"]
    places = (named, gaps["card"] if "index" in facts else "")
    where = " · ".join(str(each) for each in places if each)
    label = _("all cards lost") if "driver" in facts else AlertKind(alert.kind).label
    return f"{label}: {where}"


def chat_sentence(alert: Alert) -> str:
    """What it means for those who chat; "" where it means nothing to them."""
    gaps = _gaps((alert,))
    if alert.facts.get("braked"):
        return _(BRAKED_IN_CHATS) % gaps
    if "driver" in alert.facts:
        return _(BARE_IN_CHATS) % gaps
    words = IN_CHATS.get(AlertKind(alert.kind))
    return _(words) % gaps if words else ""


def nameless_sentence() -> str:
    """For those who may not know the name of the server that is down."""
    return _(NAMELESS)


def _gaps(alerts: Sequence[Alert]) -> dict[str, str | int]:
    """What may stand in a sentence; names come from the facts, for rows may be gone."""
    facts = alerts[0].facts
    named = {"name": facts.get("card") or "GPU", "index": facts.get("index", "")}
    indices = sorted(each.facts.get("index", 0) for each in alerts)
    return {
        "host": str(facts.get("host", "")),
        "card": _("%(name)s (card %(index)s)") % named,
        "cards": ", ".join(map(str, indices)),
        "count": len(alerts),
        "server": str(facts.get("server", "")),
        "value": _value(alerts),
        "why": gone_text(DriverState(facts["driver"])) if "driver" in facts else "",
    }


def _value(alerts: Sequence[Alert]) -> str:
    """The number that tells: of errors all of them, and else the limit that was passed,
    which stays true while the value goes up and down."""
    kind = alerts[0].kind
    if kind in (AlertKind.XID, AlertKind.XID_PROGRAM):
        codes = {each.value for each in alerts if each.value is not None}
        return ", ".join(f"{each:.0f}" for each in sorted(codes))
    if kind == AlertKind.ECC:
        return f"{sum(each.value or 0 for each in alerts):.0f}"
    limits = [each.facts.get("limit", each.value) for each in alerts]
    least = min((each for each in limits if each is not None), default=None)
    return "" if least is None else f"{least:.0f}"
