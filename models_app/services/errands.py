"""Errands: asked for, taken by a worker, and closed once.

Only the worker whose `turn` it is writes an open row. One that nobody writes any more is
due again: whatever an errand does to a model may be done twice.
"""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from dashboard.errors import (
    BackendCannotDo,
    DashboardError,
    ErrandUnderWay,
    NameTaken,
    NameUnfit,
    NotFound,
)
from dashboard.jobs import enqueue
from dashboard.live.bus import publish
from dashboard.live.events import ErrandChanged
from dashboard.people.models import User
from models_app.abilities import reason_against
from models_app.adapters import ADAPTERS
from models_app.adapters.base import Can
from models_app.inventory import model_for
from models_app.models import Backend, Errand, LanguageModel, Pull
from models_app.models.language_model import LONGEST_NAME
from models_app.models.work import WorkQuerySet, ending
from models_app.rights import RIGHTS, check_right
from models_app.services.backends import look_soon
from models_app.services.new_names import check_new_name, restrict_there
from models_app.snapshot import name_key

TASK = "models_app.run_errands"


@transaction.atomic
def start_load(
    model_id: int,
    *,
    by: User,
    window: int | None = None,
    keep_alive: int | None = None,
) -> int:
    """Have a model brought into memory; the errand's number.

    `window` is in tokens, `keep_alive` in seconds, -1 for ever; None: as the server likes.
    """
    model = _allowed(model_id, Can.LOAD, by=by)
    if window is not None:
        _check_can(model.backend, Can.WINDOW)
    if keep_alive is not None:
        _check_can(model.backend, Can.KEEP)
    wanted = {"window": window, "keep_alive": keep_alive}
    return _opened(model, Errand.Action.LOAD, wanted, by=by)


@transaction.atomic
def start_unload(model_id: int, *, by: User) -> int:
    """Have a model taken out of memory."""
    return _opened(
        _allowed(model_id, Can.UNLOAD, by=by), Errand.Action.UNLOAD, {}, by=by
    )


@transaction.atomic
def start_delete(model_id: int, *, by: User) -> int:
    """Have a model removed from the disk of its server."""
    return _opened(
        _allowed(model_id, Can.DELETE, by=by), Errand.Action.DELETE, {}, by=by
    )


@transaction.atomic
def start_copy(model_id: int, *, new_name: str, by: User) -> int:
    """Have a model given a second name, which no other model there has, or will have.

    Under it the model is for the same people.
    """
    model = _allowed(model_id, Can.COPY, by=by)
    new_name = new_name.strip()
    _check_free(new_name, model.backend)
    check_new_name(new_name, model.backend, by=by)
    restrict_there(model.name, new_name, model.backend)
    return _opened(model, Errand.Action.COPY, {"new_name": new_name}, by=by)


def claim_due_errands(*, now: datetime) -> list[Errand]:
    """Take the errands that wait, and those whose worker has died; the oldest first."""
    errands = Errand.objects.select_related("backend").order_by("created_at", "pk")
    due = errands.waiting() | errands.abandoned(now=now)
    return [each for each in due if _claimed(each, now)]


def beat(errand: Errand) -> bool:
    """Say that its worker is alive; False when it should leave off: it is not its own."""
    return bool(_written(errand).update(beat_at=timezone.now()))


@transaction.atomic
def give_back(errand: Errand) -> None:
    """Leave an errand to another worker, which begins it anew."""
    if _written(errand).write(errand, status=Errand.Status.QUEUED):
        publish(errand_changed(errand))


@transaction.atomic
def close_errand(errand: Errand, error: DashboardError | None = None) -> bool:
    """Close an errand once, as done or with what failed; who comes second changes nothing.

    Its server is looked at at once: also what failed may have changed something.
    """
    status = Errand.Status.FAILED if error else Errand.Status.DONE
    if not _written(errand).write(errand, **ending(status, error)):
        return False
    publish(errand_changed(errand))
    look_soon(errand.backend_id)
    return True


def errand_changed(errand: Errand) -> ErrandChanged:
    """The whole state of an errand, as the pages get it."""
    return ErrandChanged(
        errand=errand.pk,
        backend=errand.backend_id,
        action=errand.action,
        status=errand.status,
        code=errand.error_code,
    )


def _allowed(model_id: int, what: Can, *, by: User) -> LanguageModel:
    """The model, if this person may have that done with it, and its server can do it."""
    check_right(RIGHTS[what], by)
    model = model_for(by, model_id)
    if model is None:
        raise NotFound
    _check_can(model.backend, what)
    return model


def _check_can(server: Backend, what: Can) -> None:
    if reason := reason_against(server, what):
        raise BackendCannotDo(server=server.name, detail=reason)


def _check_free(name: str, server: Backend) -> None:
    """`NameUnfit` for what its kind takes for no name, `NameTaken` for another model's."""
    kind = ADAPTERS[server.kind]
    facts = {"name": name[:LONGEST_NAME], "server": server.name}
    try:
        listed = kind.full_name(name[: LONGEST_NAME + 1])
    except ValueError as unfit:
        raise NameUnfit(**facts, example=kind.example) from unfit
    if len(listed) > LONGEST_NAME:
        raise NameUnfit(**facts, example=kind.example)
    names = server.language_models.filter(listed=True).values_list("name", flat=True)
    coming = Errand.objects.open().filter(backend=server).exclude(new_name="")
    taken = {*map(name_key, names)}
    taken |= {name_key(each) for each in coming.values_list("new_name", flat=True)}
    pulled = Pull.objects.open().filter(backend=server, key=name_key(listed))
    if name_key(listed) in taken or pulled.exists():
        raise NameTaken(**facts)


def _opened(
    model: LanguageModel,
    action: Errand.Action,
    wanted: Mapping[str, int | str | None],
    *,
    by: User,
) -> int:
    """The errand, new; one that wants the very same is joined, so two clicks are one."""
    errand, is_new = Errand.objects.get_or_create(
        backend=model.backend,
        name=model.name,
        action=action,
        status__in=Errand.OPEN,
        defaults={**wanted, "asked_by": by},
    )
    if is_new:
        publish(errand_changed(errand))
        enqueue(TASK)
    elif any(getattr(errand, name) != value for name, value in wanted.items()):
        raise ErrandUnderWay(server=model.backend.name, name=model.name)
    return errand.pk


def _claimed(errand: Errand, now: datetime) -> bool:
    """Take an errand as it was read a moment ago, unless somebody was quicker."""
    if not Errand.objects.claim(errand, now=now):
        return False
    publish(errand_changed(errand))
    return True


def _written(errand: Errand) -> WorkQuerySet[Errand]:
    return Errand.objects.of_turn(errand.pk, errand.turn)
