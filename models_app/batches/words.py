"""How a batch stands, in the words of the pages."""

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from dashboard.sentences import grouped, sentence_for
from models_app.models import Batch

GOOD, MIXED, BAD = "ok", "warn", "bad"


@dataclass(frozen=True, slots=True)
class State:
    """A word or two, and whether that is good."""

    label: str
    tone: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """A batch as its page lists it; `text` is how far it is, `reason` why it rests or
    failed. What can be downloaded has an address."""

    batch: Batch
    state: State
    text: str
    reason: str
    has_answers: bool
    has_errors: bool

    @property
    def can_cancel(self) -> bool:
        return self.batch.is_open and not self.batch.stop_requested


def row_of(batch: Batch, there: frozenset[str]) -> Row:
    """A batch, of whose files `there` are those that can be had."""
    code = batch.error_code
    return Row(
        batch=batch,
        state=state_of(batch),
        text=progress_text(batch),
        reason=sentence_for(code, batch.error_facts) if code else "",
        has_answers=batch.output_name in there,
        has_errors=batch.errors_name in there,
    )


def state_of(batch: Batch) -> State:
    if not batch.is_open:
        return _ended(batch)
    if batch.stop_requested:
        return State(_("is being cancelled"), MIXED)
    if batch.status == Batch.Status.QUEUED:
        # Without a reason, whoever had it before is still on the way out.
        rests = batch.rests_until and batch.error_code
        return State(_("rests"), MIXED) if rests else State(_("waiting"))
    return State(_("under way"), GOOD) if batch.total else State(_("is being read"))


def progress_text(batch: Batch) -> str:
    """How many of its lines are done, and how many of these failed."""
    if batch.total is None:
        return ""
    done = _("%(done)s of %(total)s lines") % {
        "done": grouped(batch.done),
        "total": grouped(batch.total),
    }
    if not batch.failed:
        return done
    failed = ngettext("%(count)s failed", "%(count)s failed", batch.failed)
    return f"{done} · {failed % {'count': grouped(batch.failed)}}"


def _ended(batch: Batch) -> State:
    if batch.status == Batch.Status.DONE:
        return State(_("done"), MIXED if batch.failed else GOOD)
    tone = "" if batch.status == Batch.Status.CANCELLED else BAD
    return State(str(Batch.Status(batch.status).label), tone)
