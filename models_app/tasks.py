"""The model side's jobs for the workers."""

import threading

from asgiref.sync import async_to_sync
from celery import shared_task
from celery.worker import state
from django.utils import timezone

from models_app.health import look_at_due, look_for_servers
from models_app.metering_rounds import read_meters
from models_app.pulling import run_pull
from models_app.running_errands import run_errands
from models_app.services import errands
from models_app.services.forgetting import forget_old
from models_app.services.pulls import TASK, hand_on_abandoned

_looking, _running, _reading = (threading.Lock() for _ in range(3))
"""A slow server may keep a round going: the next one would only take another thread."""


@shared_task(name="models_app.look_at_backends")
def look_at_backends() -> None:
    """Ask the servers that are due how they are."""
    if _looking.acquire(blocking=False):
        try:
            async_to_sync(look_at_due)(_working)
        finally:
            _looking.release()


@shared_task(name="models_app.look_for_servers")
def look_for_new_servers() -> None:
    """Offer what runs on this machine and is not known yet."""
    async_to_sync(look_for_servers)()


@shared_task(name=TASK)
def pull_model(pull_id: int) -> None:
    """Pull a model to a server; the queue may bring the same pull more than once."""
    async_to_sync(run_pull)(pull_id, _working)


@shared_task(name="models_app.sweep_pulls")
def sweep_pulls() -> None:
    """Hand on the pulls that no puller writes any more."""
    hand_on_abandoned(now=timezone.now())


@shared_task(name="models_app.forget_the_old")
def forget_the_old() -> None:
    """Delete the rows that nobody needs any more."""
    forget_old(now=timezone.now())


@shared_task(name=errands.TASK)
def run_waiting_errands() -> None:
    """Do what people want done with models, also what a worker that died has left."""
    if _running.acquire(blocking=False):
        try:
            async_to_sync(run_errands)(_working)
        finally:
            _running.release()


@shared_task(name="models_app.read_meters")
def read_meters_of_servers() -> None:
    """Ask the servers how much they do, more often while somebody looks at the status."""
    if _reading.acquire(blocking=False):
        try:
            async_to_sync(read_meters)(_working)
        finally:
            _reading.release()


def _working() -> bool:
    """Whether this worker has not been told to stop."""
    return state.should_stop is None and state.should_terminate is None
