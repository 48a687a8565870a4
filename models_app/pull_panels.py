"""What the panels of pulls and of requests are given, on the models page and alone."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from dashboard.errors import NotFound
from dashboard.people.models import User
from models_app.adapters import ADAPTERS
from models_app.forms import AnswerForm, PullForm, WishForm
from models_app.inventory import servers_for
from models_app.models import Backend, Pull, PullRequest
from models_app.pull_queries import (
    answerable_requests,
    became_of,
    notices_for,
    pending_requests,
    requests_of,
    shown_pulls,
)
from models_app.pull_words import (
    Stage,
    bar_of,
    failure_told,
    patterns,
    progress_text,
    size_text,
    stage_of,
)
from models_app.pullers import goes_on_alone, other_servers, puller_servers, why_not
from models_app.rights import may_pull

Context = dict[str, Any]

GOES_ON = gettext_noop(
    "%(kind)s cannot be told to stop: its app goes on downloading. Stop it there."
)
WILL_GO_ON = gettext_noop(
    "%(kind)s cannot be told to stop: after a cancel its app goes on downloading."
)


@dataclass(frozen=True, slots=True)
class PullRow:
    """A pull with the words on it; a server that is no longer theirs is not asked again."""

    pull: Pull
    origin: str
    stage: Stage
    text: str
    bar: tuple[int, int] | None
    warning: str
    can_retry: bool

    @property
    def is_stopping(self) -> bool:
        return self.stage == Stage.STOPPING


@dataclass(frozen=True, slots=True)
class Asked:
    """A request that waits, with the form to answer it; `unfit` says why not there."""

    request: PullRequest
    form: AnswerForm
    unfit: str = ""


def whole_board(person: User, name: str = "") -> Context:
    """All panels, and the form for a new pull or wish, of that name."""
    if may_pull(person):
        form = pull_form(person, named=name)
    else:
        form = wish_form(person, named=name)
    return {
        **news_panel(person),
        **pulls_panel(person),
        **requests_panel(person),
        **form,
        "named": name,
    }


def news_panel(person: User) -> Context:
    return {"news": notices_for(person)}


def pulls_panel(person: User) -> Context:
    theirs = {each.pk for each in servers_for(person)}
    rows = [_row(each, person, theirs) for each in shown_pulls(person)]
    ended = [each for each in rows if not each.pull.is_open]
    return {
        "pulls": rows,
        "open_pulls": [each for each in rows if each.pull.is_open],
        "ended_pulls": ended,
        "failed": sum(each.pull.status == Pull.Status.FAILED for each in ended),
        "words": patterns(),
        "may_pull": may_pull(person),
    }


def requests_panel(person: User) -> Context:
    """The person's own, and for those who answer all that wait."""
    return {
        "own": [(each, _(became_of(each))) for each in requests_of(person)],
        "asked": _asked(person) if may_pull(person) else [],
    }


def pull_form(
    person: User, form: PullForm | None = None, *, named: str = ""
) -> Context:
    return {
        "pull_form": form or PullForm(servers=puller_servers(person), named=named),
        "others": other_servers(person),
        "may_pull": True,
    }


def wish_form(
    person: User, form: WishForm | None = None, *, named: str = ""
) -> Context:
    return {"wish_form": form or WishForm(servers=puller_servers(person), named=named)}


def answered_form(person: User, pk: int, typed: QueryDict) -> Asked:
    """The form of one request as somebody has filled it."""
    theirs = answerable_requests(person).select_related("backend")
    request = theirs.filter(pk=pk).first()
    if request is None:
        raise NotFound
    servers = puller_servers(person)
    return Asked(request, AnswerForm(typed, number=pk, servers=servers))


def _asked(person: User) -> list[Asked]:
    servers = puller_servers(person)
    return [_answerable(each, servers) for each in pending_requests(person)]


def _answerable(request: PullRequest, servers: list[Backend]) -> Asked:
    """With the server that was named chosen, or with the only one there is."""
    named = request.backend
    chosen = [named] if named else servers if len(servers) == 1 else []
    form = AnswerForm(number=request.pk, servers=servers, chosen=chosen)
    reason = why_not(named) if named else ""
    return Asked(request, form, unfit=_(reason) if reason else "")


def _row(pull: Pull, person: User, theirs: Collection[int]) -> PullRow:
    retriable = pull.status in (Pull.Status.FAILED, Pull.Status.CANCELLED)
    return PullRow(
        pull=pull,
        origin=_origin(pull, person),
        stage=stage_of(pull),
        text=progress_text(pull) if pull.is_open else _ended(pull),
        bar=bar_of(pull),
        warning=_warning(pull),
        can_retry=retriable and pull.backend_id in theirs,
    )


def _origin(pull: Pull, person: User) -> str:
    """Of what it is made, where it is not downloaded; some presets are not for all."""
    if not pull.modelfile:
        return ""
    if pull.preset is None or not may_pull(person):
        return _("made of a preset")
    return _("made of the preset %(name)s") % {"name": pull.preset.name}


def _ended(pull: Pull) -> str:
    """What became of it."""
    if pull.status == Pull.Status.FAILED:
        return failure_told(pull.error_code, pull.error_facts)
    if pull.status == Pull.Status.CANCELLED:
        return _("Cancelled. A retry goes on from what the server kept.")
    if pull.was_there and not pull.modelfile:
        return _("It was there already, and was checked for news.")
    if not pull.total:
        return _("It is there.")
    return _("It is there; it takes %(size)s on the disk.") % {
        "size": size_text(pull.total)
    }


def _warning(pull: Pull) -> str:
    """What a cancel does not do."""
    if not goes_on_alone(pull.backend) or pull.status == Pull.Status.DONE:
        return ""
    facts = {"kind": ADAPTERS[pull.backend.kind].label}
    if pull.is_open:
        return _(WILL_GO_ON) % facts
    return _(GOES_ON) % facts if pull.status == Pull.Status.CANCELLED else ""
