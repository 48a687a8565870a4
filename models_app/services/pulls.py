"""Pulls: asked for, stopped, taken by a puller, and closed once.

Only the puller whose `turn` it is writes an open row; everybody else sets a wish. A row
that nobody writes any more is handed on by the sweep.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from enum import Enum, auto

from django.db import transaction
from django.utils import timezone

from dashboard.errors import (
    BackendCannotDo,
    DashboardError,
    NoServerChosen,
    NotFound,
    gettext_noop,
)
from dashboard.jobs import enqueue
from dashboard.live.bus import publish
from dashboard.live.events import PullChanged
from dashboard.people.models import User
from models_app.abilities import reason_against
from models_app.adapters.base import Can
from models_app.inventory import server_for
from models_app.modelfile.understand import understood
from models_app.models import Backend, Pull, PullRequest
from models_app.models.work import WorkQuerySet, ending
from models_app.progress import Standing
from models_app.pull_queries import pulls_for
from models_app.pull_words import stage_of
from models_app.pullers import check_puller, key_for
from models_app.rights import MAY_PULL, check_right
from models_app.services.backends import look_soon
from models_app.services.new_names import (
    check_base,
    check_new_name,
    restrict_there,
)
from models_app.services.notices import tell_askers
from models_app.snapshot import name_key

TASK = "models_app.pull_model"
WAITING = timedelta(seconds=60)
"""After which a pull that nobody took is put into the queue again, which may have lost it."""
UNDER_WAY = gettext_noop("a model of that name is on its way there; wait for its end")


class Order(Enum):
    """What its row tells the writer of a pull."""

    GO_ON = auto()
    STOP = auto()
    LEAVE = auto()
    """The row is closed, or another puller's by now: nothing of it may be touched."""


@dataclass(frozen=True, slots=True)
class Claimed:
    """A pull that a puller has taken, with all that it needs."""

    pull: int
    turn: int
    name: str
    job: str
    retries: int
    backend: Backend
    modelfile: str = ""


@transaction.atomic
def start_pull(name: str, *, backends: Sequence[int], by: User | None) -> list[int]:
    """Pull a model to these servers; the numbers of the pulls, in the servers' order.

    One that is open already is joined. `by` is None for whoever is at the machine itself;
    for anybody else a server that they may not use is not there.
    """
    check_right(MAY_PULL, by)
    name = name.strip()
    if not backends:
        raise NoServerChosen(name=name)
    servers = [server_for(by, each) for each in backends]
    for each in servers:
        check_puller(each)
    keys = [key_for(name, server) for server in servers]
    return [
        _opened(name, server, key=key, by=by)
        for server, key in zip(servers, keys, strict=True)
    ]


@transaction.atomic
def start_creation(
    name: str, *, backend: int, modelfile: str, preset: int | None, by: User
) -> int:
    """Have a server make a model of the text of a preset; the number of the pull for it.

    It is for the people for whom its base is. `NotFound` for a base that is for others,
    `NameTaken` for the name of such a model.
    """
    check_right(MAY_PULL, by)
    server, name = server_for(by, backend), name.strip()
    if reason := reason_against(server, Can.CREATE):
        raise BackendCannotDo(server=server.name, detail=reason)
    check_new_name(name, server, by=by)
    recipe = understood(modelfile).recipe
    for base in recipe.bases:
        check_base(base, server, by=by)
    restrict_there(recipe.base, name, server)
    made_of = {"modelfile": modelfile, "preset_id": preset}
    number = _opened(name, server, key=key_for(name, server), by=by, **made_of)
    if Pull.objects.get(pk=number).modelfile != modelfile:
        raise BackendCannotDo(server=server.name, detail=UNDER_WAY)
    return number


@transaction.atomic
def request_stop(pull_id: int, *, by: User | None) -> bool:
    """Ask for the end of a pull; False when it has ended already.

    Nobody has taken a waiting one yet: it is closed at once.
    """
    check_right(MAY_PULL, by)
    ours = _theirs(by).open().filter(pk=pull_id)
    if not ours.update(stop_requested=True):
        return False
    pull = ours.get()
    if pull.status == Pull.Status.QUEUED:
        return close_pull(pull_id, turn=pull.turn, status=Pull.Status.CANCELLED)
    publish(pull_changed(pull))
    return True


def retry_pull(pull_id: int, *, by: User | None) -> int:
    """Pull the same model to the same server again, from what the server kept of it."""
    check_right(MAY_PULL, by)
    pull = _theirs(by).filter(pk=pull_id).first()
    if pull is None:
        raise NotFound
    if pull.modelfile and by is not None:
        return start_creation(
            pull.name,
            backend=pull.backend_id,
            modelfile=pull.modelfile,
            preset=pull.preset_id,
            by=by,
        )
    return start_pull(pull.name, backends=[pull.backend_id], by=by)[0]


@transaction.atomic
def dismiss_pull(pull_id: int, *, by: User) -> bool:
    """Show a pull that has ended no longer; False for one that is not, or is open."""
    check_right(MAY_PULL, by)
    ended = _theirs(by).ended().filter(pk=pull_id, dismissed=False)
    if not ended.update(dismissed=True):
        return False
    publish(pull_changed(Pull.objects.get(pk=pull_id)))
    return True


@transaction.atomic
def claim_pull(pull_id: int) -> Claimed | None:
    """Take a waiting pull; None when another puller has it, or it has ended."""
    waiting = Pull.objects.waiting().select_related("backend")
    pull = waiting.filter(pk=pull_id).first()
    if pull is None or not Pull.objects.claim(pull, now=timezone.now()):
        return None
    publish(pull_changed(pull))
    return Claimed(
        pull=pull.pk,
        turn=pull.turn,
        name=pull.name,
        job=pull.job,
        retries=pull.retries,
        backend=pull.backend,
        modelfile=pull.modelfile,
    )


@transaction.atomic
def checkpoint(pull_id: int, *, turn: int, standing: Standing) -> Order:
    """Save where the pull stands, tell the pages what is new, and hear what to do."""
    ours = Pull.objects.of_turn(pull_id, turn)
    pull = ours.first()
    if pull is None:
        return Order.LEAVE
    before = pull_changed(pull)
    if not ours.write(pull, beat_at=timezone.now(), **_columns(standing)):
        return Order.LEAVE
    if (now := pull_changed(pull)) != before:
        publish(now)
    return Order.STOP if pull.stop_requested else Order.GO_ON


@transaction.atomic
def close_pull(
    pull_id: int,
    *,
    turn: int,
    status: Pull.Status,
    standing: Standing | None = None,
    error: DashboardError | None = None,
) -> bool:
    """Close an open pull once; whoever comes second changes nothing.

    It is cancelled only while somebody wants that: who has started it again does not.
    """
    columns = {} if standing is None else _columns(standing)
    columns |= {**ending(status, error), "speed": None}
    closed = Pull.objects.open().filter(pk=pull_id, turn=turn)
    if status == Pull.Status.CANCELLED:
        closed = closed.filter(stop_requested=True)
    if not closed.update(**columns):
        return False
    pull = Pull.objects.get(pk=pull_id)
    publish(pull_changed(pull))
    if status == Pull.Status.DONE:
        look_soon(pull.backend_id)
    tell_askers(pull.requests.all())
    return True


def hand_on(pull_id: int, *, turn: int) -> None:
    """Give a pull back that goes on with another puller, from where it is."""
    if pull := Pull.objects.of_turn(pull_id, turn).first():
        _hand_on(pull)


def hand_on_abandoned(*, now: datetime) -> int:
    """Hand on the pulls whose puller has died, and those that the queue has lost."""
    lost = Pull.objects.waiting().filter(beat_at__lt=now - WAITING)
    return sum(_hand_on(pull) for pull in lost | Pull.objects.abandoned(now=now))


def pull_changed(pull: Pull) -> PullChanged:
    """The whole state of a pull, as the pages get it."""
    return PullChanged(
        pull=pull.pk,
        backend=pull.backend_id,
        status=pull.status,
        stage=stage_of(pull),
        done=pull.done,
        total=pull.total,
        speed=pull.speed,
        left=pull.seconds_left,
        idle=pull.idle,
        tries=pull.fruitless,
        dismissed=pull.dismissed,
    )


def _theirs(by: User | None) -> WorkQuerySet[Pull]:
    """The pulls that they see; others are not there for them."""
    return Pull.objects.all() if by is None else pulls_for(by)


def _opened(
    name: str,
    server: Backend,
    *,
    key: str,
    by: User | None,
    **made_of: str | int | None,
) -> int:
    pull, is_new = Pull.objects.get_or_create(
        backend=server,
        key=key,
        status__in=Pull.OPEN,
        defaults={
            "name": name,
            "asked_by": by,
            "was_there": _is_there(server, key),
            **made_of,
        },
    )
    if is_new:
        # What became of the last one is told by this one now.
        before = Pull.objects.ended().filter(backend=server, key=key)
        before.update(dismissed=True)
        # Whoever asked for the model hears what becomes of this one as well.
        for request in PullRequest.objects.filter(pulls__in=before).distinct():
            request.pulls.add(pull)
        publish(pull_changed(pull))
        enqueue(TASK, pull.pk)
    elif pull.stop_requested:
        going_on = Pull.objects.open().filter(pk=pull.pk)
        if not going_on.update(stop_requested=False):
            # It was closed at this moment: another one begins.
            return _opened(name, server, key=key, by=by, **made_of)
        pull.refresh_from_db()
        publish(pull_changed(pull))
    return pull.pk


def _is_there(server: Backend, key: str) -> bool:
    listed = server.language_models.filter(listed=True).values_list("name", flat=True)
    return key in map(name_key, listed)


@transaction.atomic
def _hand_on(pull: Pull) -> bool:
    """Queue it anew, unless it was heard of since; one that should stop is closed."""
    if pull.stop_requested:
        return close_pull(pull.pk, turn=pull.turn, status=Pull.Status.CANCELLED)
    waits = {
        "status": Pull.Status.QUEUED,
        "speed": None,
        "idle": 0,
        "fruitless": 0,
        "beat_at": timezone.now(),
    }
    if not Pull.objects.unchanged(pull).update(**waits):
        return False
    if pull.status == Pull.Status.RUNNING:
        publish(pull_changed(Pull.objects.get(pk=pull.pk)))
    enqueue(TASK, pull.pk)
    return True


def _columns(standing: Standing) -> dict[str, object]:
    """What is kept; while no layer is known yet, those known before stay."""
    columns: dict[str, object] = {
        "said": standing.said,
        "speed": standing.speed,
        "job": standing.job,
        "retries": standing.retries,
        "idle": standing.idle,
        "fruitless": standing.fruitless,
    }
    if standing.layers:
        columns["layers"] = [asdict(each) for each in standing.layers]
        columns |= {"done": standing.done, "total": standing.total}
    return columns
