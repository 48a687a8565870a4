"""What people have done with models that are there: loaded, unloaded, copied, deleted."""

from django.db import models
from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from models_app.models.backend import Backend
from models_app.models.language_model import LONGEST_NAME
from models_app.models.work import Work


class Errand(Work):
    """One order to one server about one model, from the wish to its end.

    `window` is in tokens, `keep_alive` in seconds, -1 for ever; None leaves both to the
    server. `new_name` is a copy's.
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
    status = models.CharField(
        _("status"), max_length=10, choices=Status, default=Status.QUEUED
    )

    class Meta:
        verbose_name = _("model job")
        verbose_name_plural = _("model jobs")
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
    def doing(self) -> Promise:
        """What is done with the model while it is open."""
        return DOING[self.Action(self.action)]


DOING = {
    Errand.Action.LOAD: _("is being loaded"),
    Errand.Action.UNLOAD: _("is being unloaded"),
    Errand.Action.DELETE: _("is being deleted"),
    Errand.Action.COPY: _("is being copied"),
}
