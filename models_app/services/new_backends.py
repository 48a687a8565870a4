"""Adding a model server by its address alone."""

from ipaddress import ip_address

import httpx
from django.db import transaction
from django.utils import timezone

from models_app.models import Backend
from models_app.services.backends import models_changed


@transaction.atomic
def save_backend(backend: Backend) -> None:
    """Keep a server, new or changed, and have it looked at within a second."""
    backend.name = backend.name or free_name(backend.base_url, kind=backend.kind)
    backend.look_at = timezone.now()
    backend.save()
    models_changed()


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
