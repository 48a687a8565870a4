"""Handing work to the Celery workers, by name, once the transaction is in."""

import functools

from celery import current_app
from django.db import transaction


def enqueue(task: str, *args: int | str) -> None:
    """Send a task when the change that asks for it is committed."""
    transaction.on_commit(functools.partial(current_app.send_task, task, args))
