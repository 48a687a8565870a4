"""What is wrong, of one card or of several, and what to do, by kind."""

from collections.abc import Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from models_app.models import AlertKind

SENTENCES: dict[AlertKind, Promise] = {
    AlertKind.HOT: ngettext_lazy(
        "%(card)s in %(host)s went over %(value)s °C. Look at its fans and its airflow, or "
        "lower its power limit.",
        "%(count)s cards in %(host)s (%(cards)s) went over %(value)s °C. Look at their fans "
        "and their airflow, or lower their power limits.",
        "count",
    ),
    AlertKind.THROTTLED: ngettext_lazy(
        "%(card)s in %(host)s slows itself down, because it is too hot. Look at its fans "
        "and its airflow, or lower its power limit.",
        "%(count)s cards in %(host)s (%(cards)s) slow themselves down, because they are too "
        "hot. Look at their fans and their airflow, or lower their power limits.",
        "count",
    ),
    AlertKind.MEMORY_FULL: ngettext_lazy(
        "The memory of %(card)s in %(host)s is more than %(value)s %% full. Unload a model "
        "that nobody needs, or load one with a smaller window.",
        "The memory of %(count)s cards in %(host)s (%(cards)s) is more than %(value)s %% "
        "full. Unload a model that nobody needs, or load one with a smaller window.",
        "count",
    ),
    AlertKind.XID: ngettext_lazy(
        "%(card)s in %(host)s reported the error Xid %(value)s, which is of the card, its "
        "memory or its firmware. Look into the system log of the host; if it comes again, "
        "restart the host, then have the card checked.",
        "%(count)s cards in %(host)s (%(cards)s) reported errors (Xid %(value)s), which are "
        "of the cards, their memory or their firmware. Look into the system log of the "
        "host; if they come again, restart the host, then have the cards checked.",
        "count",
    ),
    AlertKind.XID_PROGRAM: ngettext_lazy(
        "A program failed on %(card)s in %(host)s (Xid %(value)s). The card itself is "
        "usually well; if it happens again, look into the log of the model server.",
        "Programs failed on %(count)s cards in %(host)s (%(cards)s; Xid %(value)s). The "
        "cards themselves are usually well; if it happens again, look into the log of the "
        "model server.",
        "count",
    ),
    AlertKind.CARD_LOST: ngettext_lazy(
        "%(card)s in %(host)s does not answer any more. Restart the host; if the card "
        "stays away, check its seat and its power cables.",
        "%(count)s cards in %(host)s (%(cards)s) do not answer any more. Restart the host; "
        "if they stay away, check their seats and their power cables.",
        "count",
    ),
    AlertKind.ECC: ngettext_lazy(
        "%(card)s in %(host)s has memory errors that it could not correct (%(value)s). "
        "What was being computed may be wrong: restart its model servers, and have the "
        "card checked.",
        "%(count)s cards in %(host)s (%(cards)s) have memory errors that they could not "
        "correct (%(value)s). What was being computed may be wrong: restart their model "
        "servers, and have the cards checked.",
        "count",
    ),
    AlertKind.HOST_SILENT: _(
        "Nothing has been heard of %(host)s. Check that the machine is on and reachable, "
        "and that “make node” runs there; its model servers may still work."
    ),
    AlertKind.SERVER_DOWN: _(
        "%(server)s does not answer. Test its connection in the admin: that says what is "
        "wrong."
    ),
    AlertKind.DISK_FULL: _(
        "The disk of the models on %(host)s has less than %(value)s %% left. Delete models "
        "that nobody uses, before a download fails."
    ),
}
BRAKED = ngettext_lazy(
    "%(card)s in %(host)s slows itself down, because its power supply says so. Check its "
    "power cables and whether the power supply is strong enough.",
    "%(count)s cards in %(host)s (%(cards)s) slow themselves down, because the power supply "
    "says so. Check their power cables and whether the power supply is strong enough.",
    "count",
)
UNREPAIRED = ngettext_lazy(
    "%(card)s in %(host)s could not replace memory that is broken (%(value)s times). "
    "Have the card checked.",
    "%(count)s cards in %(host)s (%(cards)s) could not replace memory that is broken "
    "(%(value)s times). Have the cards checked.",
    "count",
)
BARE = _("%(host)s has lost all its cards. %(why)s")


def sentence_of(kind: str, facts: Mapping[str, Any]) -> Any:
    """The words, whose gaps the caller fills."""
    if facts.get("braked"):
        return BRAKED
    if "driver" in facts:
        return BARE
    return UNREPAIRED if facts.get("unrepaired") else SENTENCES[AlertKind(kind)]
