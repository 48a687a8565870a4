"""Servers seen on this machine: noted, added, or declined."""

from django.db import transaction
from django.utils import timezone

from dashboard.errors import NotFound
from models_app.models import Backend, FoundServer
from models_app.services.new_backends import save_backend


def note_found(base_url: str, kind: str) -> None:
    """Offer a server to the administrators, unless it is known or was declined."""
    if Backend.objects.filter(base_url=base_url).exists():
        FoundServer.objects.filter(base_url=base_url).delete()
        return
    FoundServer.objects.update_or_create(
        base_url=base_url, defaults={"kind": kind, "seen_at": timezone.now()}
    )


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
