"""What is noted about a model server."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from dashboard.errors import (
    BackendBusy,
    BackendError,
    BackendRefused,
    BackendUnreachable,
    DashboardError,
    ModelGone,
    PromptTooLong,
)
from dashboard.live.bus import publish
from dashboard.live.events import ModelsChanged
from models_app.adapters.base import Can, LoadedModel, ModelFacts, Workload
from models_app.models import Backend, Revision
from models_app.services.language_models import keep_models
from models_app.services.measurements import keep_shape
from models_app.snapshot import forget

PAUSE = timedelta(seconds=15)
"""Between two looks at a server that answers."""
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=0.5), timedelta(seconds=3)
"""Between two looks at one that does not: longer and longer, but traffic must be back
soon after the server is."""
LEASE = timedelta(seconds=30)
"""How long a look may take before another worker looks as well."""
LOOKED = (
    "version",
    "running",
    "waiting",
    "checked_at",
    "reached_at",
    "seen_at",
    "abilities",
    "abilities_at",
    "failure_code",
    "failure_facts",
    "failures",
    "tripped_at",
    "look_at",
)
"""The columns that a look writes; what an administrator writes meanwhile stays."""
REPLIED = (
    "replied_at",
    "reply_code",
    "reply_facts",
    "trips",
    "tripped_at",
    "look_at",
)
"""Those that the end of a reply writes."""
PASSING = (BackendUnreachable, BackendBusy)
"""What may be over in a moment; all else waits until somebody has done something."""
NOT_ITS_FAULT = (ModelGone, PromptTooLong)
OWN_TROUBLE = 500
"""From this status on, a refusal is about the server and not about the question."""
NOT_BUILT_IN = 501
"""What llama.cpp says to vectors when it was not started for them."""


@dataclass(frozen=True, slots=True)
class Look:
    """What a server told of itself; None where it does not, or would not just now."""

    kind: str
    models: Sequence[ModelFacts]
    loaded: Sequence[LoadedModel] | None = None
    workload: Workload | None = None
    version: str = ""
    abilities: frozenset[Can] | None = None
    shapes: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


@transaction.atomic
def claim_due_backends() -> list[Backend]:
    """The servers that should be looked at now; nobody else gets them for a while.

    One that is due later than any lease or pause would say is due as well: the clock was
    put back.
    """
    now = timezone.now()
    due = Q(look_at__lte=now) | Q(look_at__gt=now + LEASE)
    enabled = Backend.objects.filter(enabled=True)
    return [each for each in enabled.filter(due) if _claimed(each, until=now + LEASE)]


def _claimed(backend: Backend, *, until: datetime) -> bool:
    still = Backend.objects.filter(pk=backend.pk, look_at=backend.look_at, enabled=True)
    backend.look_at = until
    return bool(still.update(look_at=until))


def look_soon(backend_id: int) -> None:
    """Have a server looked at within a second, also when a look is under way: that one may
    have asked before the change."""
    Backend.objects.filter(pk=backend_id).update(look_at=timezone.now())


@transaction.atomic
def note_look(looked_at: Backend, look: Look) -> None:
    """Keep what the server told; what it no longer lists stays, unlisted."""
    backend = _still(looked_at)
    if backend is None:
        return
    before, now = _shown(backend), timezone.now()
    changed = keep_models(backend, models=look.models, loaded=look.loaded, now=now)
    for mark, told in look.shapes.items():
        keep_shape(mark, told)
    backend.kind = backend.kind if backend.kind_by_hand else look.kind
    backend.version = look.version[:80]
    workload = look.workload or Workload()
    backend.running, backend.waiting = workload.running, workload.waiting
    backend.checked_at = backend.reached_at = backend.seen_at = now
    backend.failure_code, backend.failure_facts, backend.failures = "", {}, 0
    _close_circuit(backend, now)
    if look.abilities is not None:
        backend.abilities, backend.abilities_at = sorted(look.abilities), now
    pause = PAUSE * random.uniform(0.8, 1.2)  # noqa: S311 # no secret
    again = min(now + pause, backend.trip_ends or now + pause)
    _look_again(backend, looked_at, again)
    backend.save(update_fields=("kind", *LOOKED))
    if changed or _shown(backend) != before:
        models_changed()


@transaction.atomic
def note_failure(looked_at: Backend, failure: DashboardError) -> None:
    """Keep why the server could not be asked; its models stay as last known."""
    backend = _still(looked_at)
    if backend is None:
        return
    before, now = _shown(backend), timezone.now()
    backend.checked_at = now
    if isinstance(failure, BackendError) and not isinstance(
        failure, BackendUnreachable
    ):
        backend.reached_at = now
    backend.running = backend.waiting = None
    backend.failure_code, backend.failure_facts = failure.code, failure.facts
    passing = isinstance(failure, PASSING)
    pause = pause_after(backend.failures) if passing else PAUSE
    _look_again(backend, looked_at, now + pause)
    backend.failures += 1
    backend.save(update_fields=LOOKED)
    if _shown(backend) != before:
        models_changed()


def _look_again(backend: Backend, looked_at: Backend, at: datetime) -> None:
    """Plan the next look, unless somebody wants one sooner since this one began."""
    if backend.look_at == looked_at.look_at:
        backend.look_at = at


def _still(looked_at: Backend) -> Backend | None:
    """The row of a server, locked; None if it is another server by now, or none."""
    same = {"base_url": looked_at.base_url, "sealed_key": looked_at.sealed_key}
    rows = Backend.objects.select_for_update()
    return rows.filter(pk=looked_at.pk, **same).first()


@transaction.atomic
def note_reply(backend_id: int, failure: BackendError | None = None) -> None:
    """Keep how a real reply ended: it tells more than any question could.

    A question that it calls wrong says only that it is there.
    """
    backend = Backend.objects.select_for_update().filter(pk=backend_id).first()
    if backend is None:
        return
    if failure is not None and not is_its_trouble(failure):
        if isinstance(failure, NOT_ITS_FAULT) or not backend.up:
            look_soon(backend_id)
        return
    news = bool(failure or backend.reply_code or backend.tripped_at)
    before = backend.reply_code
    backend.replied_at = timezone.now()
    backend.reply_code = failure.code if failure else ""
    backend.reply_facts = failure.facts if failure else {}
    if failure is None:
        backend.trips, backend.tripped_at = 0, None
    else:
        backend.trips, backend.tripped_at = backend.trips + 1, backend.replied_at
        backend.look_at = min(backend.look_at, backend.trip_ends or backend.look_at)
    backend.save(update_fields=REPLIED)
    if isinstance(failure, BackendUnreachable):
        note_failure(backend, failure)
    elif not backend.up:
        look_soon(backend_id)
    _tell_of_reply(news=news, other=backend.reply_code != before)


def _tell_of_reply(*, news: bool, other: bool) -> None:
    """Pages hear how the last reply ended where it ended in another way than the one
    before; of news each process reads."""
    if other:
        models_changed()
    elif news:
        count_change()


def is_its_trouble(failure: BackendError) -> bool:
    """Whether another question would fare no better; one that it calls wrong may."""
    if isinstance(failure, NOT_ITS_FAULT):
        return False
    if type(failure) is not BackendRefused:
        return True
    upstream = failure.facts.get("upstream")
    if upstream == NOT_BUILT_IN:
        return False
    return not isinstance(upstream, int) or upstream >= OWN_TROUBLE


def _close_circuit(backend: Backend, now: datetime) -> None:
    """A server that lists its models may be asked again, once some time has gone; its next
    failure keeps it away for longer."""
    if backend.trip_ends and now >= backend.trip_ends:
        backend.tripped_at = None


def pause_after(failures: int) -> timedelta:
    """Twice as long after each failure in a row; never quite the same, so that servers
    that went away together are not asked together."""
    pause: timedelta = min(FIRST_PAUSE * 2.0 ** min(failures, 10), LONGEST_PAUSE)
    return pause * random.uniform(0.5, 1)  # noqa: S311 # no secret


def models_changed() -> None:
    """Have every process read anew what may be used, and tell every open page."""
    count_change()
    publish(ModelsChanged())


@transaction.atomic
def count_change() -> None:
    """Have every process read anew what may be used; this one right after the commit."""
    revision = Revision.objects.filter(pk=Revision.ONLY)
    if not revision.update(number=F("number") + 1):
        Revision.objects.create(pk=Revision.ONLY, number=1)
    transaction.on_commit(forget)


def _shown(backend: Backend) -> tuple[object, ...]:
    """What a page shows of a server, beside its models."""
    waits = bool(backend.waiting)
    tripped = backend.is_tripped
    return backend.kind, backend.failure_code, waits, tripped, backend.abilities
