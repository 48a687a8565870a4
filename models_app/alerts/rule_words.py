"""What each kind of alert means and what its numbers are, for who sets them."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from models_app.models import AlertKind

Words = str | Promise
AFTER = _("after %(seconds)s s")


@dataclass(frozen=True, slots=True)
class RuleWords:
    """A number without words is not used by the kind, and not shown. `limit` and
    `second_limit` say each threshold with its unit in a few words, and `time` the seconds."""

    about: Words
    limit: Words = ""
    second_limit: Words = ""
    time: Words = AFTER
    threshold: Words = ""
    second_threshold: Words = ""
    seconds: Words = ""


LASTS = _("How many seconds it must last until it is said.")
STANDS = _("For how many seconds it is shown after the last such error.")

RULE_WORDS: dict[AlertKind, RuleWords] = {
    AlertKind.HOT: RuleWords(
        _(
            "A card comes near the temperature at which it slows itself down. It is over "
            "three degrees further down."
        ),
        limit=_("from %(threshold)s °C below its own limit on"),
        second_limit=_("without one from %(second_threshold)s °C on"),
        threshold=_("How many °C below the card's own limit, where it tells one."),
        second_threshold=_(
            "At how many °C where a card tells no limit; empty says nothing of those."
        ),
        seconds=LASTS,
    ),
    AlertKind.THROTTLED: RuleWords(
        _(
            "A card says that it slows itself down for heat, or because its power supply "
            "says so. That it keeps to its power limit is normal and does not count."
        ),
        seconds=LASTS,
    ),
    AlertKind.MEMORY_FULL: RuleWords(
        _(
            "A card has hardly any memory left. A card of vLLM never counts: it takes all "
            "that it may have when it starts."
        ),
        limit=_("from %(threshold)s %% on"),
        threshold=_("From how many percent on; it is over two percent below."),
        seconds=LASTS,
    ),
    AlertKind.XID: RuleWords(
        _(
            "The driver reports an error (Xid) that is of the card, its memory, its links "
            "or its firmware, or one that is not known here."
        ),
        time=_("for %(seconds)s s afterwards"),
        seconds=STANDS,
    ),
    AlertKind.XID_PROGRAM: RuleWords(
        _(
            "The driver reports an error (Xid) that is usually of the program on the card: "
            "13, 31, 43 or 45."
        ),
        time=_("for %(seconds)s s afterwards"),
        seconds=STANDS,
    ),
    AlertKind.CARD_LOST: RuleWords(
        _(
            "A card that was there does not answer any more; or a host has none left, "
            "which is said once. Other alerts of the card end then."
        ),
        seconds=_(
            "After how many seconds; but never before two more samples have said so."
        ),
    ),
    AlertKind.ECC: RuleWords(
        _(
            "The memory of a card has errors that it could not correct, or has no rows "
            "left to replace broken ones."
        ),
        limit=_("from a count of %(threshold)s on"),
        threshold=_("From how many errors on that were not corrected."),
        seconds=LASTS,
    ),
    AlertKind.HOST_SILENT: RuleWords(
        _(
            "No sample has come from a host. Other alerts of it stay as they are for ten "
            "minutes, and then end."
        ),
        seconds=_(
            "After how many seconds; but never before ten samples are missing, and while "
            "nobody looks at the status page a sample comes each ten seconds."
        ),
    ),
    AlertKind.SERVER_DOWN: RuleWords(
        _("A model server that is enabled does not answer, or answers nonsense."),
        seconds=LASTS,
    ),
    AlertKind.DISK_FULL: RuleWords(
        _(
            "The disk with the models of a host has little left, both by its share and by "
            "its gigabytes."
        ),
        limit=_("less than %(threshold)s %% free"),
        second_limit=_("and less than %(second_threshold)s GB"),
        threshold=_("Below how many percent that are free."),
        second_threshold=_(
            "And below how many GB that are free; empty looks at the percent alone."
        ),
        seconds=LASTS,
    ),
}
