"""Alerts as sentences: what is wrong, and what to do now."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

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

SENTENCES: dict[AlertKind, str] = {
    AlertKind.HOT: gettext_noop(
        "%(card)s in %(host)s is at %(value)s °C. Look at its fans and its airflow, or "
        "lower its power limit."
    ),
    AlertKind.THROTTLED: gettext_noop(
        "%(card)s in %(host)s slows itself down, because it is too hot. Look at its fans "
        "and its airflow, or lower its power limit."
    ),
    AlertKind.MEMORY_FULL: gettext_noop(
        "The memory of %(card)s in %(host)s is %(value)s %% full. Unload a model that "
        "nobody needs, or load one with a smaller window."
    ),
    AlertKind.XID: gettext_noop(
        "%(card)s in %(host)s reported the error Xid %(value)s, which is of the card, its "
        "memory or its firmware. Look into the system log of the host; if it comes again, "
        "restart the host, then have the card checked."
    ),
    AlertKind.XID_PROGRAM: gettext_noop(
        "A program failed on %(card)s in %(host)s (Xid %(value)s). The card itself is "
        "usually well; if it happens again, look into the log of the model server."
    ),
    AlertKind.CARD_LOST: gettext_noop(
        "%(card)s in %(host)s does not answer any more. Restart the host; if the card "
        "stays away, check its seat and its power cables."
    ),
    AlertKind.ECC: gettext_noop(
        "%(card)s in %(host)s has memory errors that it could not correct (%(value)s). "
        "What was being computed may be wrong: restart its model servers, and have the "
        "card checked."
    ),
    AlertKind.HOST_SILENT: gettext_noop(
        "Nothing has been heard of %(host)s. Check that the machine is on and reachable, "
        "and that `make node` runs there; its model servers may still work."
    ),
    AlertKind.SERVER_DOWN: gettext_noop(
        "%(server)s does not answer. Test its connection in the admin: that says what is "
        "wrong."
    ),
    AlertKind.DISK_FULL: gettext_noop(
        "The disk of the models on %(host)s has %(value)s %% left. Delete models that "
        "nobody uses, before a download fails."
    ),
}
BRAKED = gettext_noop(
    "%(card)s in %(host)s slows itself down, because its power supply says so. Check its "
    "power cables and whether the power supply is strong enough."
)
UNREPAIRED = gettext_noop(
    "%(card)s in %(host)s could not replace memory that is broken (%(value)s times). "
    "Have the card checked."
)
BARE = gettext_noop("%(host)s has lost all its cards. %(why)s")
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


def sentence(alert: Alert) -> str:
    """What is wrong and what to do, for those who look after the house."""
    return _(_whole(AlertKind(alert.kind), alert.facts)) % _gaps(alert)


def heading(alert: Alert) -> str:
    """What is wrong with what, for a list."""
    gaps, facts = _gaps(alert), alert.facts
    named = facts.get("server") if alert.kind == AlertKind.SERVER_DOWN else gaps["host"]
    places = (named, gaps["card"] if facts.get("card") else "")
    where = " · ".join(each for each in places if each)
    return f"{AlertKind(alert.kind).label}: {where}"


def chat_sentence(alert: Alert) -> str:
    """What it means for those who chat; "" where it means nothing to them."""
    if alert.facts.get("braked"):
        return _(BRAKED_IN_CHATS) % _gaps(alert)
    if "driver" in alert.facts:
        return _(BARE_IN_CHATS) % _gaps(alert)
    words = IN_CHATS.get(AlertKind(alert.kind))
    return _(words) % _gaps(alert) if words else ""


def nameless_sentence() -> str:
    """For those who may not know the name of the server that is down."""
    return _(NAMELESS)


def _whole(kind: AlertKind, facts: Mapping[str, Any]) -> str:
    if facts.get("braked"):
        return BRAKED
    if "driver" in facts:
        return BARE
    return UNREPAIRED if facts.get("unrepaired") else SENTENCES[kind]


def _gaps(alert: Alert) -> dict[str, str]:
    """What may stand in a sentence; names come from the facts, for rows may be gone."""
    value = "" if alert.value is None else f"{alert.value:.0f}"
    facts = alert.facts
    named = {"name": facts.get("card") or "GPU", "index": facts.get("index", "")}
    return {
        "host": str(facts.get("host", "")),
        "card": _("%(name)s (card %(index)s)") % named,
        "server": str(facts.get("server", "")),
        "value": value,
        "why": gone_text(DriverState(facts["driver"])) if "driver" in facts else "",
    }
