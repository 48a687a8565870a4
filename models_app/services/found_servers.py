"""Servers seen on this machine: noted, added, or declined."""

from collections.abc import Sequence

import httpx
from django.db import transaction
from django.utils import timezone

from dashboard.errors import NotFound
from models_app.models import Backend, FoundServer
from models_app.services.new_backends import is_this_machine, save_backend


def unknown_ports(ports: Sequence[int]) -> list[int]:
    """Those on which no server of this machine is known, by whichever of its names."""
    urls = map(httpx.URL, Backend.objects.values_list("base_url", flat=True))
    known = {url.port for url in urls if is_this_machine(url.host)}
    return [port for port in ports if port not in known]


def note_found(base_url: str, kind: str) -> None:
    """Offer a server to the administrators, unless it was declined."""
    FoundServer.objects.update_or_create(
        base_url=base_url, defaults={"kind": kind, "seen_at": timezone.now()}
    )


def note_gone(base_url: str) -> None:
    """Take an offer back: nothing answers there any more."""
    FoundServer.objects.filter(base_url=base_url, dismissed=False).delete()


@transaction.atomic
def add_found(found_id: int) -> Backend:
    """Make a backend of an offered server; it is looked at within a second."""
    found = FoundServer.objects.filter(pk=found_id).first()
    if found is None:
        raise NotFound
    backend = Backend(base_url=found.base_url, kind=found.kind, kind_by_hand=False)
    save_backend(backend)
    found.delete()
    return backend
