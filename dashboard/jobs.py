"""Handing work to the Celery workers, by name, once the transaction is in."""

import functools
import logging

from celery import current_app
from django.db import transaction
from kombu.exceptions import OperationalError

log = logging.getLogger(__name__)


def enqueue(task: str, *args: int | str) -> None:
    """Send a task when the change that asks for it is committed; never raises.

    While Redis is away it is lost: its work owns an open row, which a sweep finds.
    """
    transaction.on_commit(functools.partial(_send, task, args))


def _send(task: str, args: tuple[int | str, ...]) -> None:
    try:
        current_app.send_task(task, args)
    except OperationalError as failure:
        log.warning("%s is left to the sweep: %s", task, failure)
