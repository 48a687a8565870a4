"""What members ask to have pulled, and the word of the administrators on it."""

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from models_app.models.backend import Backend
from models_app.models.pull import Pull


class PullRequestQuerySet(models.QuerySet["PullRequest"]):
    def pending(self) -> Self:
        return self.filter(status=PullRequest.Status.PENDING)


class PullRequest(models.Model):
    """A model that people want, on one server or on any; whoever wants the same joins."""

    class Status(models.TextChoices):
        PENDING = "pending", _("waits for an answer")
        APPROVED = "approved", _("approved")
        DECLINED = "declined", _("declined")

    name = models.CharField(_("model"), max_length=300)
    key = models.CharField(max_length=900, editable=False)
    backend = models.ForeignKey(
        Backend,
        models.CASCADE,
        null=True,
        related_name="pull_requests",
        verbose_name=_("model server"),
    )
    status = models.CharField(
        _("status"), max_length=10, choices=Status, default=Status.PENDING
    )
    word = models.CharField(_("word"), max_length=300, blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name=_("answered by"),
    )
    answered_at = models.DateTimeField(_("answered"), null=True)
    created_at = models.DateTimeField(_("asked"), default=timezone.now)
    pulls = models.ManyToManyField(Pull, related_name="requests")

    objects = PullRequestQuerySet.as_manager()

    class Meta:
        verbose_name = _("request for a model")
        verbose_name_plural = _("requests for models")
        ordering = ("-created_at",)
        constraints = (
            models.UniqueConstraint(
                fields=["backend", "key"],
                condition=Q(status="pending"),
                name="one_pending_request_per_backend_and_name",
            ),
            # A database takes no two NULLs for the same.
            models.UniqueConstraint(
                fields=["key"],
                condition=Q(status="pending", backend=None),
                name="one_pending_request_per_name_on_any",
            ),
        )

    def __str__(self) -> str:
        return self.name


class Asker(models.Model):
    """A person who asked; what became of it is shown to them until they have seen it."""

    request = models.ForeignKey(PullRequest, models.CASCADE, related_name="askers")
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="pull_requests"
    )
    asked_at = models.DateTimeField(default=timezone.now)
    why = models.CharField(max_length=300, blank=True)
    news = models.BooleanField(default=False)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["request", "person"], name="one_asker_per_request_and_person"
            ),
        )

    def __str__(self) -> str:
        return f"{self.person}: {self.request}"
