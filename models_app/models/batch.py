"""Files that programs and people leave here, and the batches that are made of them."""

from datetime import timedelta
from typing import Final

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from models_app.models.api_key import ApiKey
from models_app.models.language_model import LONGEST_NAME
from models_app.models.work import QUEUED, RUNNING, Work

LONGEST_FILE_NAME: Final = 200
WINDOW: Final = timedelta(hours=24)
"""Within which a batch is to be done."""


class ApiFile(models.Model):
    """A file of one person: what a batch asks, or what came of one.

    `name` is what programs call it and what it is called on the disk, `filename` what its
    person called it. The row is there only while all its bytes are.
    """

    class Purpose(models.TextChoices):
        BATCH = "batch", _("to be asked")
        OUTPUT = "batch_output", _("answers")

    name = models.CharField(max_length=40, unique=True, editable=False)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        related_name="api_files",
        verbose_name=_("person"),
    )
    purpose = models.CharField(_("purpose"), max_length=20, choices=Purpose)
    filename = models.CharField(_("name"), max_length=LONGEST_FILE_NAME)
    size = models.PositiveBigIntegerField(_("size, bytes"))
    created_at = models.DateTimeField(_("made"), default=timezone.now)

    class Meta:
        verbose_name = _("file")
        verbose_name_plural = _("files")
        ordering = ("-created_at", "-pk")

    def __str__(self) -> str:
        return self.filename


class Batch(Work):
    """Many asks of one file, answered when nobody else wants the servers.

    What was answered stands in the files `output_name` and `errors_name` on the disk, a
    line each, and nowhere else: whoever takes the batch over reads there what is left.
    `completed` and `failed` count these lines. `total` is None until the file was read. One
    that waits with `rests_until` has met a limit, which its error tells. `model` is the one
    that all lines ask for, "" for several.
    """

    class Status(models.TextChoices):
        QUEUED = QUEUED, _("waiting")
        RUNNING = RUNNING, _("under way")
        DONE = "done", _("done")
        FAILED = "failed", _("failed")
        CANCELLED = "cancelled", _("cancelled")
        EXPIRED = "expired", _("expired")

    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        related_name="batches",
        verbose_name=_("person"),
    )
    name = models.CharField(max_length=40, unique=True, editable=False)
    key = models.ForeignKey(
        ApiKey, models.CASCADE, null=True, related_name="+", verbose_name=_("API key")
    )
    endpoint = models.CharField(_("endpoint"), max_length=40)
    filename = models.CharField(_("file"), max_length=LONGEST_FILE_NAME)
    input_name = models.CharField(max_length=40, editable=False)
    output_name = models.CharField(max_length=40, editable=False)
    errors_name = models.CharField(max_length=40, editable=False)
    metadata = models.JSONField(null=True, editable=False)
    model = models.CharField(_("model"), max_length=LONGEST_NAME, blank=True)
    status = models.CharField(
        _("status"), max_length=10, choices=Status, default=Status.QUEUED
    )
    total = models.PositiveIntegerField(_("lines"), null=True)
    completed = models.PositiveIntegerField(
        pgettext_lazy("lines", "answered"), default=0
    )
    failed = models.PositiveIntegerField(_("failed"), default=0)
    stop_requested = models.BooleanField(_("asked to stop"), default=False)
    stop_requested_at = models.DateTimeField(null=True, editable=False)
    rests_until = models.DateTimeField(_("rests until"), null=True)
    expires_at = models.DateTimeField(_("expires"))

    class Meta:
        verbose_name = _("batch")
        verbose_name_plural = _("batches")
        ordering = ("-created_at", "-pk")
        constraints = (
            models.CheckConstraint(
                condition=Q(total=None)
                | Q(total__gte=models.F("completed") + models.F("failed")),
                name="no_batch_is_more_than_done",
            ),
        )
        indexes = (
            models.Index(
                fields=["beat_at"],
                condition=Q(status__in=(QUEUED, RUNNING)),
                name="open_batches_by_beat",
            ),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def done(self) -> int:
        return self.completed + self.failed

    @property
    def files(self) -> tuple[str, str, str]:
        """The names of what it asks, of the answers and of the errors."""
        return self.input_name, self.output_name, self.errors_name
