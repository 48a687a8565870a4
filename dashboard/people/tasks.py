"""Housekeeping of accounts."""

from datetime import timedelta

from axes.models import AccessAttempt
from celery import shared_task
from django.contrib.sessions.backends.db import SessionStore
from django.utils import timezone

KEPT = timedelta(days=30)


@shared_task(name="people.forget_the_old")
def forget_the_old() -> None:
    """Delete sessions that are over and log-in attempts older than 30 days."""
    SessionStore.clear_expired()
    AccessAttempt.objects.filter(attempt_time__lt=timezone.now() - KEPT).delete()
