"""The chat's jobs for the workers."""

from datetime import timedelta

from celery import shared_task
from django.utils import timezone

from chat.reply_figures import sum_up_replies
from chat.services.people import pass_on_ownerless
from chat.services.replies import close_abandoned

SILENT = timedelta(seconds=6)
"""A writer checkpoints once a second; one not heard for this long has died."""
LEFT = timedelta(seconds=60)
"""What no server was asked for waits so long for another process: by then the next one is
up, or people are better told."""


@shared_task(name="chat.sweep_replies")
def sweep_replies() -> None:
    now = timezone.now()
    close_abandoned(before=now - SILENT, unbegun_before=now - LEFT)


@shared_task(name="chat.pass_on_ownerless")
def pass_on() -> None:
    pass_on_ownerless()


@shared_task(name="chat.sum_up_replies")
def sum_up() -> None:
    sum_up_replies()
