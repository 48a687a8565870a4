"""Servers seen on this machine: noted, added, or declined."""

from urllib.parse import urlsplit

from django.db import transaction
from django.utils import timezone

from dashboard.errors import NotFound
from dashboard.jobs import enqueue
from models_app.models import Backend, FoundServer


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
    """Make a backend of an offered server, and ask it for its models."""
    found = FoundServer.objects.filter(pk=found_id).first()
    if found is None:
        raise NotFound
    backend = Backend.objects.create(
        name=_name_for(found), kind=found.kind, base_url=found.base_url
    )
    found.delete()
    enqueue("models_app.refresh_backend", backend.pk)
    return backend


def _name_for(found: FoundServer) -> str:
    wanted = f"{found.kind}-{urlsplit(found.base_url).port}"
    taken = Backend.objects.filter(name__startswith=wanted).count()
    return f"{wanted}-{taken + 1}" if taken else wanted
