"""What keys that may manage have done with models: pulled, made, copied, deleted."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db import transaction

from dashboard.errors import (
    BackendCannotDo,
    ErrandUnderWay,
    FieldUnfit,
    KeyMayNotManage,
    ModelUnknown,
    NameUnfit,
    NoServerChosen,
    NotFound,
)
from dashboard.live.db import in_db
from dashboard.people.models import User
from models_app.abilities import reason_against
from models_app.adapters.base import Can
from models_app.gateway.callers import Caller
from models_app.gateway.ollama.fields import name_in
from models_app.gateway.ollama.pulling import TICK, failure_of
from models_app.gateway.ollama.words import Spoken, parameters_in, text_in
from models_app.inventory import Wish, inventory_for, servers_for
from models_app.modelfile.recipe import Recipe, commands_of
from models_app.modelfile.write import write
from models_app.models import Backend, Errand, LanguageModel
from models_app.pullers import key_for, listed_as, other_servers, puller_servers
from models_app.rights import MAY_DELETE, MAY_PULL, check_right, sees_all
from models_app.services.errands import start_copy, start_delete
from models_app.services.new_names import check_not_there
from models_app.services.pulls import start_creation, start_pull
from models_app.snapshot import name_key

Body = Mapping[str, Any]

LONGEST: Final = 60.0
"""Seconds that a caller waits for an errand; a worker that is away does it later."""
FILES: Final = ("files", "adapters", "draft_files", "quantize", "modelfile")
"""What needs files on a server, which nobody can bring there through the house."""


@dataclass(frozen=True, slots=True)
class Started:
    """A pull under way."""

    pull: int
    server: str


def begin_pull(caller: Caller, body: Body) -> Started:
    """Pull a model to the best server of those that can: up, not drained, and of these
    one that has it, which is brought up to date."""
    check_manages(caller, MAY_PULL)
    name = name_in(body).strip()
    server = _puller_for(caller.person, name)
    check_key(caller, name, server)
    (pull,) = start_pull(name, backends=[server.pk], by=caller.person)
    return Started(pull, server.name)


@transaction.atomic
def begin_creation(caller: Caller, body: Body) -> Started:
    """Have a server make a model of another one, from the same parts as a Modelfile.

    Only administrators replace what is there.
    """
    check_manages(caller, MAY_PULL)
    for name in FILES:
        if body.get(name):
            detail = "models are made of others that are there, not of files"
            raise FieldUnfit(param=name, detail=detail)
    name, base = name_in(body).strip(), name_in(body, "from").strip()
    server = _maker_for(caller.person, base)
    for each in (name, base):
        check_key(caller, each, server)
    if not sees_all(caller.person):
        check_not_there(name, server)
    text = modelfile_in(body, base)
    try:
        pull = start_creation(
            name, backend=server.pk, modelfile=text, preset=None, by=caller.person
        )
    except NotFound as closed:
        raise ModelUnknown(model=base, param="from") from closed
    return Started(pull, server.name)


@transaction.atomic
def begin_delete(caller: Caller, body: Body) -> list[int]:
    """Remove a model from every server of theirs that can; the errands' numbers."""
    check_manages(caller, MAY_DELETE)
    rows = _rows(caller, name_in(body), Can.DELETE)
    return [start_delete(each.pk, by=caller.person) for each in rows]


@transaction.atomic
def begin_copy(caller: Caller, body: Body) -> list[int]:
    """Give a model a second name on every server of theirs that can, or on none."""
    check_manages(caller, MAY_DELETE)
    rows = _rows(caller, name_in(body, "source"), Can.COPY)
    name = name_in(body, "destination")
    for each in rows:
        check_key(caller, name, each.backend)
    return [start_copy(each.pk, new_name=name, by=caller.person) for each in rows]


async def ended(errands: Sequence[int]) -> None:
    """Come back when all of them are done; raises what one failed with."""
    end = time.monotonic() + LONGEST
    while rows := await in_db(_unfinished)(errands):
        if time.monotonic() > end:
            raise ErrandUnderWay(server=rows[0].backend.name, name=rows[0].name)
        await asyncio.sleep(TICK)


def check_manages(caller: Caller, right: str) -> None:
    """Both the key and its person must be allowed to."""
    if not caller.may_manage:
        raise KeyMayNotManage
    check_right(right, caller.person)


def check_key(caller: Caller, name: str, server: Backend) -> None:
    """`ModelUnknown` where the key is not for what the server calls so."""
    if not caller.may_use(listed_as(name, server)):
        raise ModelUnknown(model=name, param="model")


def modelfile_in(body: Body, base: str) -> str:
    """The text of the parts that a body has."""
    said = Spoken().messages(body.get("messages") or [])
    given = body.get("license") or []
    licenses = [given] if isinstance(given, str) else given
    recipe = Recipe(
        bases=(base,),
        system=text_in(body, "system"),
        template=text_in(body, "template"),
        renderer=text_in(body, "renderer"),
        parser=text_in(body, "parser"),
        requires=text_in(body, "requires"),
        parameters=parameters_in({"options": body.get("parameters")}),
        messages=tuple((each.role, each.text) for each in said),
        licenses=tuple(map(str, licenses)),
    )
    return write(commands_of(recipe))


def _puller_for(person: User, name: str) -> Backend:
    servers, unfit = list[Backend](), None
    for each in puller_servers(person):
        try:
            key_for(name, each)
        except NameUnfit as failure:
            unfit = failure
        else:
            servers.append(each)
    if servers:
        return min(servers, key=lambda each: _rank(each, name))
    if unfit is not None:
        raise unfit
    for other in other_servers(person):
        raise BackendCannotDo(server=other.server.name, detail=other.reason)
    raise NoServerChosen(name=name)


def _maker_for(person: User, base: str) -> Backend:
    servers = servers_for(person)
    can = [each for each in servers if not reason_against(each, Can.CREATE)]
    if can:
        return min(can, key=lambda each: _rank(each, base))
    for other in servers:
        detail = reason_against(other, Can.CREATE)
        raise BackendCannotDo(server=other.name, detail=detail)
    raise NoServerChosen(name=base)


def _rank(server: Backend, name: str) -> tuple[bool, bool, bool, int, str]:
    listed = server.language_models.filter(listed=True).values_list("name", flat=True)
    has = name_key(listed_as(name, server)) in map(name_key, listed)
    return not server.up, server.draining, not has, -server.weight, server.name


def _rows(caller: Caller, name: str, what: Can) -> list[LanguageModel]:
    """The model on the servers that can do this; on the first, where none can."""
    rows = [
        each
        for each in inventory_for(caller.person, Wish(sort="server"))
        if name_key(each.name) == name_key(listed_as(name, each.backend))
        and caller.may_use(each.name)
    ]
    if not rows:
        raise ModelUnknown(model=name, param="model")
    able = [each for each in rows if not reason_against(each.backend, what)]
    return able or rows[:1]


def _unfinished(errands: Sequence[int]) -> list[Errand]:
    rows = list(Errand.objects.filter(pk__in=errands).select_related("backend"))
    for each in rows:
        if each.status == Errand.Status.FAILED:
            raise failure_of(each.error_code, each.error_facts)
    return [each for each in rows if each.is_open]
