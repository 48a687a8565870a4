"""The model side's jobs for the workers."""

import functools
import threading
import time
from collections.abc import Callable

from asgiref.sync import async_to_sync
from celery import shared_task
from celery.worker import state
from django.utils import timezone

from models_app.alerts.deliveries import TASK as TELL
from models_app.alerts.rounds import tell_webhooks
from models_app.alerts.watch import look_for_trouble
from models_app.energy.keeping import forget_hours, keep_energy
from models_app.figures.rounds import read_meters
from models_app.gateway.batches.running import run_batches
from models_app.health import look_at_due, look_for_servers
from models_app.ledger.sharing import share_out
from models_app.nodes.rollup import DAY, prune, roll_up
from models_app.pulling import run_pull
from models_app.running_errands import run_errands
from models_app.services import batches, errands
from models_app.services.api_files import sweep_files
from models_app.services.forgetting import forget_old
from models_app.services.pulls import TASK, hand_on_abandoned
from models_app.serving.settling import write_lost


def one_at_a_time(job: Callable[[], None]) -> Callable[[], None]:
    """The job, which does nothing while it is under way in this worker.

    A slow server may keep a round going: the next one would only take another thread.
    """
    under_way = threading.Lock()

    @functools.wraps(job)
    def alone() -> None:
        if under_way.acquire(blocking=False):
            try:
                job()
            finally:
                under_way.release()

    return alone


@shared_task(name="models_app.look_at_backends")
@one_at_a_time
def look_at_backends() -> None:
    """Ask the servers that are due how they are."""
    async_to_sync(look_at_due)(_working)


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


@shared_task(name=batches.TASK)
@one_at_a_time
def run_due_batches() -> None:
    """Answer the batches that are due, also what a puller that died has left."""
    async_to_sync(run_batches)(_working)


@shared_task(name="models_app.sweep_batches")
def sweep_batches() -> None:
    """Hand on the batches that no puller writes any more, and wake those that rested."""
    batches.hand_on_abandoned(now=timezone.now())


@shared_task(name="models_app.sweep_files")
def sweep_disk() -> None:
    """Remove the files of batches that belong to nobody any more."""
    sweep_files()


@shared_task(name="models_app.forget_the_old")
def forget_the_old() -> None:
    """Delete the rows that nobody needs any more."""
    forget_old(now=timezone.now())


@shared_task(name=errands.TASK)
@one_at_a_time
def run_waiting_errands() -> None:
    """Do what people want done with models, also what a worker that died has left."""
    async_to_sync(run_errands)(_working)


@shared_task(name="models_app.read_meters")
@one_at_a_time
def read_meters_of_servers() -> None:
    """Ask the servers how much they do, more often while somebody looks at the status."""
    async_to_sync(read_meters)(_working)


@shared_task(name="models_app.look_for_trouble")
@one_at_a_time
def look_for_alerts() -> None:
    """Open and close the alerts that are due."""
    look_for_trouble(now=time.time())


@shared_task(name=TELL)
@one_at_a_time
def send_deliveries() -> None:
    """Tell the webhooks what they have not been told; one that failed is tried again."""
    async_to_sync(tell_webhooks)(_working)


@shared_task(name="models_app.roll_up_cards")
def roll_up_cards() -> None:
    """Sum the last hour of all cards up to five minutes."""
    roll_up(now=time.time())


@shared_task(name="models_app.prune_cards")
def prune_cards() -> None:
    """Delete history that is too old, once all of it is summed up."""
    roll_up(now=time.time(), seconds=DAY)
    prune(now=time.time())
    forget_hours(now=time.time())


@shared_task(name="models_app.keep_energy")
@one_at_a_time
def keep_energy_of_cards() -> None:
    """Add up for good what the cards took in the hours and days that are over."""
    keep_energy(now=time.time())


@shared_task(name="models_app.write_lost")
@one_at_a_time
def write_lost_generations() -> None:
    """Write what dead processes left into the ledger, and free their places."""
    write_lost()


@shared_task(name="models_app.share_out")
@one_at_a_time
def share_out_cards() -> None:
    """Reckon what each generation that is over took of its cards."""
    share_out(now=timezone.now())


def _working() -> bool:
    """Whether this worker has not been told to stop."""
    return state.should_stop is None and state.should_terminate is None
