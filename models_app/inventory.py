"""Every model on every server, for those who may use it; nothing is changed here."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.contrib.auth.models import AbstractBaseUser
from django.db.models import F, Q, QuerySet
from django.db.models.expressions import Combinable
from django.db.models.functions import Lower

from dashboard.errors import NotFound
from models_app.models import Backend, LanguageModel
from models_app.rights import groups_of, is_open, sees_all
from models_app.snapshot import everything, name_key

SORTS: Mapping[str, Sequence[str | Combinable]] = {
    "name": (Lower("name"), "backend__name"),
    "server": ("backend__name", Lower("name")),
    "size": (F("size").desc(nulls_last=True), Lower("name")),
    "memory": (F("memory").desc(nulls_last=True), Lower("name")),
}


@dataclass(frozen=True, slots=True)
class Wish:
    """Which models somebody wants to see, and in which order."""

    search: str = ""
    server: int = 0
    loaded: bool = False
    sort: str = "name"


def inventory_for(person: AbstractBaseUser, wish: Wish) -> Sequence[LanguageModel]:
    """The models that the person may use, each with its server, in the wished order."""
    rows = _listed(person).order_by(*SORTS.get(wish.sort, SORTS["name"]))
    if wish.server:
        rows = rows.filter(backend=wish.server)
    if wish.loaded:
        rows = rows.filter(loaded=True)
    wanted, closed = name_key(wish.search.strip()), closed_models(person)
    return [
        each
        for each in rows
        if wanted in name_key(each.name) and name_key(each.name) not in closed
    ]


def servers_for(person: AbstractBaseUser) -> list[Backend]:
    """The enabled servers that are for the person."""
    servers = Backend.objects.filter(enabled=True).prefetch_related("groups")
    if sees_all(person):
        return list(servers)
    theirs = groups_of(person)
    return [
        each
        for each in servers
        if is_open(frozenset(group.pk for group in each.groups.all()), theirs)
    ]


def server_for(person: AbstractBaseUser | None, pk: int) -> Backend:
    """One of the same, of all for None, who is at the host; `NotFound` for any other.

    Servers that are for others are not theirs to know of.
    """
    theirs = (
        Backend.objects.filter(enabled=True) if person is None else servers_for(person)
    )
    for each in theirs:
        if each.pk == pk:
            return each
    raise NotFound


def model_for(person: AbstractBaseUser, pk: int) -> LanguageModel | None:
    """One of the person's models, with its server; None for any other."""
    row = _listed(person).filter(pk=pk).first()
    if row is None or name_key(row.name) in closed_models(person):
        return None
    return row


def known_model_for(person: AbstractBaseUser, pk: int) -> LanguageModel:
    """The same of one that its server may no longer list; `NotFound` for any other."""
    row = _known(person).filter(pk=pk).first()
    if row is None or name_key(row.name) in closed_models(person):
        raise NotFound
    return row


def elsewhere(person: AbstractBaseUser, model: LanguageModel) -> list[LanguageModel]:
    """The same model on the person's other servers."""
    key = name_key(model.name)
    alike = Q(name__iexact=key) | Q(name__iexact=f"{key}:latest")
    rows = _listed(person).filter(alike).exclude(backend=model.backend_id)
    return list(rows.order_by("backend__name"))


def closed_models(person: AbstractBaseUser) -> frozenset[str]:
    """The models, by `name_key`, that are for others only."""
    if sees_all(person):
        return frozenset()
    theirs, kept = groups_of(person), everything().restrictions
    return frozenset(key for key, groups in kept.items() if not groups & theirs)


def _listed(person: AbstractBaseUser) -> QuerySet[LanguageModel]:
    return _known(person).filter(listed=True)


def _known(person: AbstractBaseUser) -> QuerySet[LanguageModel]:
    rows = LanguageModel.objects.filter(backend__in=servers_for(person))
    return rows.select_related("backend")
