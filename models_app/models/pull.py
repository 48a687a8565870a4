"""Downloads of models to servers, and what people ask to have downloaded."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from models_app.models.backend import Backend
from models_app.models.language_model import LONGEST_NAME
from models_app.models.preset import Preset
from models_app.models.work import Work


class Pull(Work):
    """One download to one server, from the first wish to its end.

    `key` is the name as servers compare it. `layers` are objects with `name`, `total` (or
    null) and `completed`; `done` and `total` are their sums. `fruitless` is how often the
    server was asked again since the last byte; one that is `dismissed` has ended, and is
    only in the admin any more. With a `modelfile`, that of a preset, the model is made on
    the server of another one there.
    """

    class Status(models.TextChoices):
        QUEUED = "queued", _("waiting")
        RUNNING = "running", _("being pulled")
        DONE = "done", _("done")
        FAILED = "failed", _("failed")
        CANCELLED = "cancelled", _("cancelled")

    backend = models.ForeignKey(
        Backend,
        models.CASCADE,
        related_name="pulls",
        verbose_name=_("model server"),
    )
    name = models.CharField(_("model"), max_length=LONGEST_NAME)
    key = models.CharField(max_length=900, editable=False)
    modelfile = models.TextField(blank=True, editable=False)
    preset = models.ForeignKey(
        Preset,
        models.SET_NULL,
        null=True,
        related_name="creations",
        editable=False,
    )
    status = models.CharField(
        _("status"), max_length=10, choices=Status, default=Status.QUEUED
    )
    layers = models.JSONField(default=list)
    done = models.PositiveBigIntegerField(_("received, bytes"), default=0)
    total = models.PositiveBigIntegerField(_("size, bytes"), null=True)
    speed = models.PositiveBigIntegerField(_("bytes a second"), null=True)
    said = models.CharField(_("the server says"), max_length=200, blank=True)
    job = models.CharField(max_length=200, blank=True)
    retries = models.PositiveIntegerField(_("asked again"), default=0)
    idle = models.PositiveIntegerField(_("seconds without news"), default=0)
    fruitless = models.PositiveIntegerField(default=0)
    was_there = models.BooleanField(default=False, editable=False)
    stop_requested = models.BooleanField(_("asked to stop"), default=False)
    dismissed = models.BooleanField(default=False)

    class Meta:
        verbose_name = _("pull")
        verbose_name_plural = _("pulls")
        ordering = ("-created_at",)
        constraints = (
            models.UniqueConstraint(
                fields=["backend", "key"],
                condition=Q(status__in=("queued", "running")),
                name="one_open_pull_per_backend_and_name",
            ),
            models.CheckConstraint(
                condition=Q(total=None) | Q(done__lte=models.F("total")),
                name="no_pull_is_more_than_done",
            ),
        )
        indexes = (
            models.Index(
                fields=["beat_at"],
                condition=Q(status__in=("queued", "running")),
                name="open_pulls_by_beat",
            ),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def percent(self) -> int | None:
        """Rounded down, so that only a whole model is 100."""
        return self.done * 100 // self.total if self.total else None

    @property
    def seconds_left(self) -> int | None:
        """None where nobody can know: no size, no speed, or nothing left to receive."""
        if not self.speed or self.total is None or self.done >= self.total:
            return None
        return -(-(self.total - self.done) // self.speed)
