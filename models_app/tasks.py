"""The model side's jobs for the workers."""

import threading
import time

from asgiref.sync import async_to_sync
from celery import shared_task
from celery.worker import state
from django.utils import timezone

from models_app.alerts import deliveries
from models_app.alerts.watch import look_for_trouble
from models_app.gpu_rollup import DAY, prune, roll_up
from models_app.health import look_at_due, look_for_servers
from models_app.metering_rounds import read_meters
from models_app.pulling import run_pull
from models_app.running_errands import run_errands
from models_app.services import errands
from models_app.services.pulls import TASK, hand_on_abandoned

_looking, _running, _reading = (threading.Lock() for _ in range(3))
_watching, _sending = threading.Lock(), threading.Lock()
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


@shared_task(name="models_app.look_for_trouble")
def look_for_alerts() -> None:
    """Open and close the alerts that are due."""
    if _watching.acquire(blocking=False):
        try:
            look_for_trouble(now=time.time())
        finally:
            _watching.release()


@shared_task(name=deliveries.TASK)
def send_deliveries() -> None:
    """Tell the webhooks what they have not been told; one that failed is tried again."""
    if _sending.acquire(blocking=False):
        try:
            deliveries.send_due(now=timezone.now())
        finally:
            _sending.release()


@shared_task(name="models_app.roll_up_cards")
def roll_up_cards() -> None:
    """Sum the last hour of all cards up to five minutes."""
    roll_up(now=time.time())


@shared_task(name="models_app.prune_cards")
def prune_cards() -> None:
    """Delete history that is too old, once all of it is summed up."""
    roll_up(now=time.time(), seconds=DAY)
    prune(now=time.time())


def _working() -> bool:
    """Whether this worker has not been told to stop."""
    return state.should_stop is None and state.should_terminate is None
