"""Keeping a model server: an address is enough for a new one."""

from ipaddress import ip_address

import httpx
from django.db import transaction
from django.utils import timezone

from models_app.models import Backend
from models_app.sealing import seal
from models_app.services.backends import models_changed
from models_app.services.measurements import forget_loads


@transaction.atomic
def save_backend(
    backend: Backend,
    *,
    kind: str | None = None,
    key: str = "",
    forget_key: bool = False,
) -> None:
    """Keep a server, new or changed, and have it looked at within a second.

    A `kind` counts as set by hand; "" has it found out, None leaves it as it is. At another
    address it is another server: a key never travels there, and its models are unlisted.
    What was measured while nobody knew for how many replies it loads is unlearned.
    """
    known = Backend.objects.filter(pk=backend.pk).first()
    moved = known is not None and known.base_url != backend.base_url
    if key:
        backend.sealed_key = seal(key)
    elif moved or forget_key:
        backend.sealed_key = ""
    _set_kind(backend, kind, found="" if known is None or moved else _found(known))
    backend.name = backend.name or free_name(backend.base_url, kind=backend.kind)
    backend.look_at = timezone.now()
    backend.abilities = backend.abilities_at = None
    backend.save()
    if moved:
        backend.language_models.update(listed=False)
    if known is not None and known.slots != backend.slots:
        forget_loads(known.name)
    models_changed()


def _set_kind(backend: Backend, kind: str | None, *, found: str) -> None:
    if kind is not None:
        backend.kind, backend.kind_by_hand = kind or found, bool(kind)


def _found(known: Backend) -> str:
    """The kind that Paddock found out; what somebody has set is no finding."""
    return "" if known.kind_by_hand else known.kind


def free_name(base_url: str, *, kind: str = "") -> str:
    """What to call the server at an address: its host, or its kind on this machine."""
    url = httpx.URL(base_url)
    wanted = kind or url.host if is_this_machine(url.host) else _called(url.host)
    port = f"-{url.port}" if url.port else ""
    taken = set(Backend.objects.values_list("name", flat=True))
    tries = (wanted, f"{wanted}{port}", *(f"{wanted}-{n}" for n in range(2, 1000)))
    return next(each for each in (each[:80] for each in tries) if each not in taken)


def _called(host: str) -> str:
    try:
        return str(ip_address(host))
    except ValueError:
        return host.split(".")[0]


def is_this_machine(host: str) -> bool:
    """Whether a host is one of the names of loopback."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
