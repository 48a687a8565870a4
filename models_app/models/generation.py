"""The ledger: what was generated for whom, where, and what it cost."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from models_app.models.api_key import ApiKey
from models_app.models.backend import Backend
from models_app.models.language_model import LONGEST_NAME
from models_app.models.node import Node
from models_app.models.preset import Preset


class Generation(models.Model):
    """One generation, written once it is over; nothing of what was said stands in it.

    Names stand beside the numbers of what may be deleted. Times are in milliseconds from
    the ask, tokens as the server counted them; what nobody told is null, not 0.
    `gpu_seconds` and `joules` are shared out later, once the samples of that time are in:
    `reckoned_at` says when.
    """

    class Status(models.TextChoices):
        DONE = "done", _("done")
        STOPPED = "stopped", _("stopped")
        FAILED = "failed", _("failed")
        LEFT = "left", _("left the queue")
        LOST = "lost", _("lost")

    class Origin(models.TextChoices):
        PERSON = "person", _("chat")
        API = "api", _("API")
        BATCH = "batch", _("batch")
        BACKGROUND = "background", _("background")

    ticket = models.CharField(max_length=32, unique=True, editable=False)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        related_name="generations",
        verbose_name=_("person"),
        db_index=False,
    )
    origin = models.CharField(_("origin"), max_length=10, choices=Origin)
    preset = models.ForeignKey(
        Preset,
        models.SET_NULL,
        null=True,
        related_name="generations",
        verbose_name=_("preset"),
    )
    model = models.CharField(_("model"), max_length=LONGEST_NAME)
    backend = models.ForeignKey(
        Backend,
        models.SET_NULL,
        null=True,
        related_name="generations",
        verbose_name=_("model server"),
    )
    server = models.CharField(max_length=80, blank=True)
    key = models.ForeignKey(
        ApiKey,
        models.SET_NULL,
        null=True,
        related_name="generations",
        verbose_name=_("API key"),
    )
    node = models.ForeignKey(
        Node,
        models.SET_NULL,
        null=True,
        related_name="generations",
        verbose_name=_("GPU host"),
    )
    status = models.CharField(_("status"), max_length=10, choices=Status)
    error_code = models.CharField(_("error"), max_length=40, blank=True)
    asked_at = models.DateTimeField(_("asked"))
    began_at = models.DateTimeField(_("begun"), null=True)
    ended_at = models.DateTimeField(_("ended"), db_index=True)
    queue_ms = models.PositiveIntegerField(_("queue, ms"), null=True)
    load_ms = models.PositiveIntegerField(_("load, ms"), null=True)
    first_token_ms = models.PositiveIntegerField(_("first token, ms"), null=True)
    total_ms = models.PositiveIntegerField(_("total, ms"), null=True)
    prompt_tokens = models.PositiveIntegerField(_("prompt tokens"), null=True)
    completion_tokens = models.PositiveIntegerField(_("completion tokens"), null=True)
    cached_tokens = models.PositiveIntegerField(_("cached tokens"), null=True)
    gpu_seconds = models.FloatField(_("GPU-seconds"), null=True)
    joules = models.FloatField(_("joules"), null=True)
    reckoned_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        verbose_name = _("generation")
        verbose_name_plural = _("generations")
        ordering = ("-ended_at",)
        indexes = (
            models.Index(fields=("person", "ended_at"), name="generations_by_person"),
            models.Index(
                fields=("ended_at",),
                condition=models.Q(reckoned_at=None),
                name="generations_to_reckon",
            ),
            models.Index(
                fields=("backend", "model", "ended_at"), name="generations_by_server"
            ),
            # All that the sum of a day's tokens needs, so that no row is read for it.
            models.Index(
                fields=("ended_at", "model", "prompt_tokens", "completion_tokens"),
                name="generations_tokens",
            ),
        )

    def __str__(self) -> str:
        return self.ticket
