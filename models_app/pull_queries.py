"""Pulls and requests, as pages show them; nothing is changed here."""

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import F, Prefetch, Q, QuerySet
from django.utils import timezone
from django.utils.timesince import timesince
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext

from dashboard.people.models import User
from models_app.inventory import closed_models, servers_for
from models_app.models import Asker, Pull, PullRequest
from models_app.models.pull_request import PullRequestQuerySet
from models_app.models.work import WorkQuerySet
from models_app.rights import may_pull, sees_all

MINUTE, YEAR = 60, 365 * 24 * 60 * 60
RECENT = timedelta(days=1)
"""How long a pull that has ended is shown, unless somebody dismisses it before."""
MOST_ENDED, MOST_REQUESTS = 20, 10
ANSWERED = timedelta(days=7)
"""How long an answer is shown beside what somebody waits for."""

DECLINED = gettext_noop("Your wish for “%(name)s” was declined.")
DECLINED_WITH_A_WORD = gettext_noop("Your wish for “%(name)s” was declined: %(word)s")
UNDER_WAY = gettext_noop(
    "“%(name)s”, which you asked for, is on its way to %(servers)s."
)
THERE = gettext_noop(
    "“%(name)s”, which you asked for, is there now: choose it in a chat."
)
NOT_COME = gettext_noop(
    "“%(name)s”, which you asked for, could not be pulled. An administrator can retry it."
)

STATES: dict[str, str] = {
    PullRequest.Status.PENDING: gettext_noop("waits for an answer"),
    PullRequest.Status.DECLINED: gettext_noop("declined"),
    "open": gettext_noop("on its way"),
    Pull.Status.DONE: gettext_noop("is there"),
    Pull.Status.FAILED: gettext_noop("could not be pulled"),
}


@dataclass(frozen=True, slots=True)
class Notice:
    """News of a request, for one who asked; shown until it is dismissed."""

    request: int
    name: str
    status: str
    word: str
    sentence: str


def pulls_for(person: User) -> WorkQuerySet[Pull]:
    """Those to servers and of models that the person may use, and those they started."""
    if sees_all(person):
        return Pull.objects.all()
    theirs = Q(backend__in=servers_for(person)) & ~Q(key__in=closed_models(person))
    return Pull.objects.filter(theirs | Q(asked_by=person))


def shown_pulls(person: User) -> list[Pull]:
    """What a page shows of them: the open ones, then those that have ended lately.

    What others had pulled, and nobody but they can do anything about, is shown while it
    is on its way.
    """
    theirs = pulls_for(person).filter(dismissed=False)
    theirs = theirs.select_related("backend", "asked_by", "preset")
    ended = theirs.ended().filter(ended_at__gte=timezone.now() - RECENT)
    if not may_pull(person):
        own = Q(asked_by=person) | Q(requests__askers__person=person)
        ended = ended.filter(own).distinct()
    rows = [
        *theirs.open().order_by("created_at", "pk"),
        *ended.order_by("-ended_at")[:MOST_ENDED],
    ]
    # One that ended between the two queries is in both; the later one knows it.
    return list({each.pk: each for each in rows}.values())


def requests_of(person: User) -> list[PullRequest]:
    """What this person waits for, and what was answered lately; the newest first."""
    lately = Q(answered_at=None) | Q(answered_at__gte=timezone.now() - ANSWERED)
    rows = PullRequest.objects.filter(lately, askers__person=person)
    rows = rows.select_related("backend", "answered_by").prefetch_related("pulls")
    rows = rows.annotate(why=F("askers__why"))
    return list(rows.order_by("-created_at")[:MOST_REQUESTS])


def unread_answers(person: User) -> int:
    """How many requests there are news of that this person has not seen."""
    return Asker.objects.filter(person=person, news=True).count()


def answerable_requests(person: User) -> PullRequestQuerySet:
    """Those for any server, or for one of theirs: somebody who may pull answers these."""
    if sees_all(person):
        return PullRequest.objects.all()
    theirs = Q(backend=None) | Q(backend__in=servers_for(person))
    return PullRequest.objects.filter(theirs)


def waiting_wishes(person: User) -> int:
    """How many requests wait for an answer that this person may give."""
    return answerable_requests(person).pending().count() if may_pull(person) else 0


def pending_requests(person: User) -> QuerySet[PullRequest]:
    """Those of them that wait for an answer, the oldest first, with all who asked."""
    askers = Asker.objects.select_related("person").order_by("pk")
    rows = answerable_requests(person).pending().select_related("backend")
    return rows.prefetch_related(Prefetch("askers", askers)).order_by("created_at")


def time_left(pull: Pull) -> str:
    """How long it will take from now, in words; a dash where nobody knows."""
    seconds = pull.seconds_left
    if seconds is None:
        return "–"
    if seconds < MINUTE:
        return ngettext("%(count)s second", "%(count)s seconds", seconds) % {
            "count": seconds
        }
    now = timezone.now()
    return timesince(now, now + timedelta(seconds=min(seconds, YEAR)))


def notices_for(person: User) -> list[Notice]:
    """What this person has not yet seen of what became of their requests."""
    rows = PullRequest.objects.filter(askers__person=person, askers__news=True)
    if not rows:
        return []
    theirs = {each.pk for each in servers_for(person)}
    shown = rows.prefetch_related("pulls__backend")
    return [_notice(each, theirs) for each in shown]


def _notice(request: PullRequest, theirs: set[int]) -> Notice:
    """It names the servers that are for the person, and no other."""
    servers = [each.backend for each in request.pulls.all()]
    names = dict.fromkeys(each.name for each in servers if each.pk in theirs)
    facts = {
        "name": request.name,
        "word": request.word,
        "servers": ", ".join(names) or _("a server that is not for you"),
    }
    return Notice(
        request=request.pk,
        name=request.name,
        status=request.status,
        word=request.word,
        sentence=_(_sentence(request)) % facts,
    )


def became_of(request: PullRequest) -> str:
    """In a few words what became of a request, as a message id."""
    if request.status != PullRequest.Status.APPROVED:
        return STATES[request.status]
    states = {pull.status for pull in request.pulls.all()}
    if Pull.Status.DONE in states:
        return STATES[Pull.Status.DONE]
    return STATES["open" if states & set(Pull.OPEN) else Pull.Status.FAILED]


def _sentence(request: PullRequest) -> str:
    if request.status == PullRequest.Status.DECLINED:
        return DECLINED_WITH_A_WORD if request.word else DECLINED
    states = {pull.status for pull in request.pulls.all()}
    if Pull.Status.DONE in states:
        return THERE
    return UNDER_WAY if states & set(Pull.OPEN) else NOT_COME
