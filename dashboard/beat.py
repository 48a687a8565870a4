"""The clock inside a worker: Celery's beat as a thread, so that it ends with its worker.

Celery's own `-B` starts a second process, which outlives a killed worker.
"""

import logging
import os
import signal
import threading
from typing import Any

from celery import Celery, bootsteps
from celery.beat import PersistentScheduler, Service

log = logging.getLogger(__name__)


class EnduringScheduler(PersistentScheduler):
    """Starts anew from an unreadable schedule file, whatever a kill left in it."""

    def setup_schedule(self) -> None:
        try:
            super().setup_schedule()
        except Exception:
            log.exception("The schedule file is unreadable; the clock starts anew.")
            self._remove_db()  # type: ignore[attr-defined] # the stubs lack it
            super().setup_schedule()


class Beat(threading.Thread):
    """The clock as a thread; when it fails it takes the worker along, to be restarted."""

    def __init__(self, app: Celery) -> None:
        super().__init__(name="beat", daemon=True)
        self.app = app
        # It looks once a second whether it should stop.
        self.service = Service(app, 1, scheduler_cls=EnduringScheduler)

    def run(self) -> None:
        self.app.set_current()
        try:
            self.service.start()
        except Exception:
            log.exception("The clock failed; this worker ends.")
            os.kill(os.getpid(), signal.SIGTERM)

    def stop(self) -> None:
        self.service.stop(wait=True)


class BeatStep(bootsteps.StartStopStep):
    """Starts the clock with a worker that was told `--with-beat`."""

    requires = ("celery.worker.components:Pool",)

    def __init__(self, worker: Any, *, with_beat: bool = False, **options: Any) -> None:
        super().__init__(worker, **options)
        self.enabled = with_beat

    def create(self, worker: Any) -> Beat:  # type: ignore[override] # so in the stubs
        return Beat(worker.app)
