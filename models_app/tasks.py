"""The model side's jobs for the workers."""

from asgiref.sync import async_to_sync
from celery import shared_task

from models_app.health import look_for_servers, refresh_all
from models_app.models import Backend


@shared_task(name="models_app.refresh_backends")
def refresh_backends() -> None:
    """Ask every enabled server for its models, and this machine for new servers."""
    async_to_sync(refresh_all)(list(Backend.objects.filter(enabled=True)))
    async_to_sync(look_for_servers)()


@shared_task(name="models_app.refresh_backend")
def refresh_backend(backend_id: int) -> None:
    """Ask one server for its models; a server deleted meanwhile is nothing to do."""
    async_to_sync(refresh_all)(list(Backend.objects.filter(pk=backend_id)))
