"""What members ask to have pulled: asked together, answered once."""

from collections.abc import Sequence

from django.db import transaction
from django.utils import timezone

from dashboard.errors import NoServerChosen, NotFound, TooManyRequests
from dashboard.live.bus import publish
from dashboard.live.events import RequestsChanged
from dashboard.people.models import User
from models_app.inventory import server_for
from models_app.models import Asker, PullRequest
from models_app.pull_queries import answerable_requests
from models_app.pullers import key_for
from models_app.rights import MAY_PULL, check_right
from models_app.services.notices import tell_askers
from models_app.services.pulls import start_pull

LONGEST_WORD = 300
MOST_PENDING = 10
"""Requests of one person that may wait for an answer at once."""


@transaction.atomic
def ask_for_model(
    name: str, *, backend: int | None, person: User, why: str = ""
) -> int:
    """Ask the administrators for a model on a server, or on any; the request's number.

    Whoever asks for what others have asked for already joins them.
    """
    name = name.strip()
    server = None if backend is None else server_for(person, backend)
    key = key_for(name, server)
    # Two of this person's at once would each count without the other.
    User.objects.select_for_update().get(pk=person.pk)
    request, _ = PullRequest.objects.get_or_create(
        backend=server,
        key=key,
        status=PullRequest.Status.PENDING,
        defaults={"name": name},
    )
    reason = {"why": why.strip()[:LONGEST_WORD]}
    asked = Asker.objects.get_or_create(
        request=request, person=person, defaults=reason
    )[1]
    if asked:
        _check_pending(person)
        publish(RequestsChanged())
    return request.pk


@transaction.atomic
def approve_request(
    request_id: int, *, by: User, backends: Sequence[int] = (), word: str = ""
) -> list[int]:
    """Start what was asked for, here or on the server that was named; the pulls' numbers.

    One that has been answered already starts nothing.
    """
    request = _request(request_id, by=by)
    named = [request.backend_id] if request.backend_id else []
    chosen = backends or named
    if not chosen:
        raise NoServerChosen(name=request.name)
    if not _answer(request, PullRequest.Status.APPROVED, by=by, word=word):
        return []
    pulls = start_pull(request.name, backends=chosen, by=by)
    request.pulls.set(pulls)
    return pulls


@transaction.atomic
def decline_request(request_id: int, *, by: User, word: str = "") -> bool:
    """Say no, with a word on why; False when it has been answered already."""
    request = _request(request_id, by=by)
    return _answer(request, PullRequest.Status.DECLINED, by=by, word=word)


def _check_pending(person: User) -> None:
    pending = PullRequest.Status.PENDING
    asked = Asker.objects.filter(person=person, request__status=pending)
    if asked.count() > MOST_PENDING:
        raise TooManyRequests(most=MOST_PENDING)


def _request(request_id: int, *, by: User) -> PullRequest:
    check_right(MAY_PULL, by)
    request = answerable_requests(by).filter(pk=request_id).first()
    if request is None:
        raise NotFound
    return request


def _answer(
    request: PullRequest, status: PullRequest.Status, *, by: User, word: str
) -> bool:
    """Answer once, and tell all who asked."""
    pending = PullRequest.objects.pending().filter(pk=request.pk)
    answer = {
        "status": status,
        "word": word.strip()[:LONGEST_WORD],
        "answered_by": by,
        "answered_at": timezone.now(),
    }
    if not pending.update(**answer):
        return False
    tell_askers(PullRequest.objects.filter(pk=request.pk))
    publish(RequestsChanged())
    return True
