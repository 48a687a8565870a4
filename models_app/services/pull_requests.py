"""What members ask to have pulled: asked together, answered once."""

from collections.abc import Sequence

from django.db import transaction
from django.utils import timezone

from dashboard.errors import (
    AlreadyThere,
    NoServerChosen,
    NotFound,
    TooManyRequests,
)
from dashboard.live.bus import publish
from dashboard.live.events import RequestsChanged
from dashboard.people.models import User
from models_app.inventory import Wish, inventory_for, server_for
from models_app.models import Asker, Backend, PullRequest
from models_app.pull_queries import answerable_requests
from models_app.pullers import key_for
from models_app.rights import MAY_PULL, check_right
from models_app.services.notices import tell_askers
from models_app.services.pulls import start_pull
from models_app.snapshot import name_key

LONGEST_WORD = 300
MOST_PENDING = 10
"""Requests of one person that may wait for an answer at once."""


@transaction.atomic
def ask_for_model(
    name: str, *, backend: int | None, person: User, why: str = ""
) -> int:
    """Ask the administrators for a model on a server, or on any; the request's number.

    Whoever asks for what others have asked for already joins them; of who asks twice the
    newest reason is kept. What they can use there already is `AlreadyThere`.
    """
    name = name.strip()
    server = None if backend is None else server_for(person, backend)
    key = key_for(name, server)
    _check_lacking(key, server, person)
    # Two of this person's at once would each count without the other.
    User.objects.select_for_update().get(pk=person.pk)
    request, _ = PullRequest.objects.get_or_create(
        backend=server,
        key=key,
        status=PullRequest.Status.PENDING,
        defaults={"name": name},
    )
    reason = why.strip()[:LONGEST_WORD]
    asker, is_new = Asker.objects.get_or_create(
        request=request, person=person, defaults={"why": reason}
    )
    if is_new:
        _check_pending(person)
    elif reason and reason != asker.why:
        Asker.objects.filter(pk=asker.pk).update(why=reason)
    else:
        return request.pk
    publish(RequestsChanged())
    return request.pk


@transaction.atomic
def withdraw_request(request_id: int, *, person: User) -> bool:
    """This person wants it no longer; False where they do not wait for it.

    What nobody wants any more waits for no answer.
    """
    pending = PullRequest.objects.pending().select_for_update().filter(pk=request_id)
    if not pending.filter(askers__person=person).exists():
        return False
    Asker.objects.filter(request=request_id, person=person).delete()
    if not Asker.objects.filter(request=request_id).exists():
        pending.delete()
    publish(RequestsChanged())
    return True


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


def _check_lacking(key: str, server: Backend | None, person: User) -> None:
    there = [
        each
        for each in inventory_for(person, Wish(server=server.pk if server else 0))
        if name_key(each.name) == key and each.chats and each.backend.up
    ]
    if there:
        raise AlreadyThere(name=there[0].name, server=there[0].backend.name)


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
