"""What people have done with models that are there: loaded, unloaded, copied, deleted."""

from datetime import datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from models_app.models.backend import Backend
from models_app.models.language_model import LONGEST_NAME


class ErrandQuerySet(models.QuerySet["Errand"]):
    def open(self) -> Self:
        """Those that wait for a worker, or have one."""
        return self.filter(status__in=Errand.OPEN)

    def due(self, *, silent: datetime) -> Self:
        """Those that nobody has taken, or whose worker was not heard since then."""
        abandoned = Q(status=Errand.Status.RUNNING, beat_at__lt=silent)
        return self.filter(Q(status=Errand.Status.QUEUED) | abandoned)


class Errand(models.Model):
    """One order to one server about one model, from the wish to its end.

    `turn` counts the workers that took it: one that was given up may change nothing any
    more. `window` is in tokens, `keep_alive` in seconds, -1 for ever; None leaves both to
    the server. `new_name` is a copy's.
    """

    class Action(models.TextChoices):
        LOAD = "load", _("load")
        UNLOAD = "unload", _("unload")
        DELETE = "delete", _("delete")
        COPY = "copy", _("copy")

    class Status(models.TextChoices):
        QUEUED = "queued", _("waiting")
        RUNNING = "running", _("under way")
        DONE = "done", _("done")
        FAILED = "failed", _("failed")

    OPEN = (Status.QUEUED, Status.RUNNING)

    backend = models.ForeignKey(
        Backend,
        models.CASCADE,
        related_name="errands",
        verbose_name=_("model server"),
    )
    name = models.CharField(_("model"), max_length=LONGEST_NAME)
    action = models.CharField(_("action"), max_length=10, choices=Action)
    window = models.PositiveIntegerField(_("context, tokens"), null=True)
    keep_alive = models.IntegerField(_("stays, seconds"), null=True)
    new_name = models.CharField(_("new name"), max_length=LONGEST_NAME, blank=True)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name=_("asked by"),
    )
    status = models.CharField(
        _("status"), max_length=10, choices=Status, default=Status.QUEUED
    )
    turn = models.PositiveIntegerField(default=0)
    beat_at = models.DateTimeField(default=timezone.now)
    error_code = models.CharField(max_length=40, blank=True)
    error_facts = models.JSONField(default=dict)
    created_at = models.DateTimeField(_("asked for"), default=timezone.now)
    started_at = models.DateTimeField(_("begun"), null=True)
    ended_at = models.DateTimeField(_("ended"), null=True)

    objects = ErrandQuerySet.as_manager()

    class Meta:
        verbose_name = _("errand")
        verbose_name_plural = _("errands")
        ordering = ("-created_at", "-pk")
        constraints = (
            models.UniqueConstraint(
                fields=["backend", "name", "action"],
                condition=Q(status__in=("queued", "running")),
                name="one_open_errand_per_backend_model_and_action",
            ),
        )
        indexes = (
            models.Index(
                fields=["beat_at"],
                condition=Q(status__in=("queued", "running")),
                name="open_errands_by_beat",
            ),
            models.Index(
                fields=["backend", "name", "-created_at"], name="errands_by_model"
            ),
        )

    def __str__(self) -> str:
        return f"{self.action} {self.name}"

    @property
    def is_open(self) -> bool:
        return self.status in self.OPEN

    @property
    def doing(self) -> Promise:
        """What is done with the model while it is open."""
        return DOING[self.Action(self.action)]


DOING = {
    Errand.Action.LOAD: _("is being loaded"),
    Errand.Action.UNLOAD: _("is being unloaded"),
    Errand.Action.DELETE: _("is being deleted"),
    Errand.Action.COPY: _("is being copied"),
}
