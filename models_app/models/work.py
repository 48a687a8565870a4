"""What is done for people by one worker at a time, and may be handed on to the next."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Self, TypeVar

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from dashboard.errors import DashboardError

W = TypeVar("W", bound="Work")

QUEUED, RUNNING = "queued", "running"
SILENT = timedelta(seconds=6)
"""A worker is heard once a second or oftener; one not heard for this long has died."""


class WorkQuerySet(models.QuerySet[W]):
    def open(self) -> Self:
        """Those that wait for a worker, or have one."""
        return self.filter(status__in=Work.OPEN)

    def ended(self) -> Self:
        return self.exclude(status__in=Work.OPEN)

    def waiting(self) -> Self:
        """Those that nobody has taken."""
        return self.filter(status=QUEUED)

    def abandoned(self, *, now: datetime) -> Self:
        """Those whose worker has died."""
        return self.filter(status=RUNNING, beat_at__lt=now - SILENT)

    def of_turn(self, pk: int, turn: int) -> Self:
        """The row, if it is still this turn's to write."""
        return self.filter(pk=pk, turn=turn, status=RUNNING)

    def unchanged(self, row: W) -> Self:
        """The row as it was read, if nobody took it, or was heard of, since."""
        return self.open().filter(
            pk=row.pk, turn=row.turn, status=row.status, beat_at=row.beat_at
        )

    def write(self, row: W, **columns: object) -> bool:
        """Write it here and there; False, with nothing changed, if it is not among these."""
        if not self.update(**columns):
            return False
        for name, value in columns.items():
            setattr(row, name, value)
        return True

    def claim(self, row: W, *, now: datetime) -> bool:
        """Begin the next turn of a row as it was read, unless somebody was quicker."""
        return self.unchanged(row).write(
            row,
            status=RUNNING,
            turn=row.turn + 1,
            beat_at=now,
            started_at=row.started_at or now,
        )


class Work(models.Model):
    """Something to do, from the wish to its end; its kinds name their own statuses.

    `turn` counts the workers that took it: one that was given up may change nothing any
    more. Whoever has it beats, so that it can be handed on when they have died.
    """

    OPEN = (QUEUED, RUNNING)

    status: "models.CharField[str, str]"
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name=_("asked by"),
    )
    turn = models.PositiveIntegerField(default=0)
    beat_at = models.DateTimeField(default=timezone.now)
    error_code = models.CharField(max_length=40, blank=True)
    error_facts = models.JSONField(default=dict)
    created_at = models.DateTimeField(_("asked for"), default=timezone.now)
    started_at = models.DateTimeField(_("begun"), null=True)
    ended_at = models.DateTimeField(_("ended"), null=True)

    objects = WorkQuerySet.as_manager()

    class Meta:
        abstract = True

    @property
    def is_open(self) -> bool:
        return self.status in self.OPEN


def ending(status: str, error: DashboardError | None = None) -> Mapping[str, object]:
    """The columns of a row that ends now: as what, and what went wrong."""
    columns: dict[str, object] = {"status": status, "ended_at": timezone.now()}
    if error is not None:
        columns |= {"error_code": error.code, "error_facts": error.facts}
    return columns
