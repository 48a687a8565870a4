"""The keys that programs come with, and what members may ask for through them."""

from datetime import datetime
from typing import Self

from django.conf import settings
from django.contrib.auth.models import Group
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

LONGEST_KEY_NAME = 80


class ApiKeyQuerySet(models.QuerySet["ApiKey"]):
    def live(self, now: datetime) -> Self:
        """Those that let a person in, if that person may come in at all."""
        unexpired = Q(expires_at=None) | Q(expires_at__gt=now)
        return self.filter(unexpired, revoked_at=None)

    def expired(self, now: datetime) -> Self:
        return self.filter(expires_at__lte=now, revoked_at=None)


class ApiKey(models.Model):
    """One key of one person; of the secret itself only its SHA-256 is kept.

    `prefix` is the beginning of the secret, by which people tell their keys apart and rows
    are found. `allowed_models` are the names that it may use, of those that its person may; with
    none it may use all of these. `origins` are the web pages (as a browser names them) whose
    scripts may use it. Rows of revoked keys stay, for the ledger names them.
    """

    class State(models.TextChoices):
        LIVE = "live", _("in use")
        EXPIRED = "expired", _("expired")
        REVOKED = "revoked", _("revoked")

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        related_name="api_keys",
        verbose_name=_("person"),
    )
    name = models.CharField(_("name"), max_length=LONGEST_KEY_NAME)
    prefix = models.CharField(_("begins with"), max_length=16, unique=True)
    digest = models.CharField(max_length=64, editable=False)
    allowed_models = models.JSONField(_("models"), default=list, blank=True)
    requests_a_minute = models.PositiveIntegerField(
        _("requests a minute"), null=True, blank=True
    )
    origins = models.JSONField(_("web pages that may use it"), default=list, blank=True)
    may_manage = models.BooleanField(
        _("may pull, copy and delete models"), default=False
    )
    created_at = models.DateTimeField(_("made"), auto_now_add=True)
    expires_at = models.DateTimeField(_("expires"), null=True, blank=True)
    used_at = models.DateTimeField(_("last used"), null=True, editable=False)
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True)

    objects = ApiKeyQuerySet.as_manager()

    class Meta:
        verbose_name = _("API key")
        verbose_name_plural = _("API keys")
        ordering = ("-created_at", "-pk")
        constraints = (
            models.UniqueConstraint(
                fields=("person", "name"),
                condition=models.Q(revoked_at=None),
                name="one_key_of_a_name_for_each_person",
            ),
        )

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"

    def state_at(self, now: datetime) -> State:
        if self.expires_at and self.expires_at <= (self.revoked_at or now):
            return self.State.EXPIRED
        return self.State.REVOKED if self.revoked_at else self.State.LIVE


class FieldGrant(models.Model):
    """Fields of requests that the programs of a group's people may send besides the usual;
    without a group, those of everybody."""

    group = models.OneToOneField(
        Group,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="field_grant",
        verbose_name=_("group"),
        help_text=_("Empty: everybody."),
    )
    fields = models.JSONField(_("fields"), default=list)

    class Meta:
        verbose_name = _("fields of requests")
        verbose_name_plural = _("fields of requests")
        constraints = (
            models.UniqueConstraint(
                models.Value(1),
                condition=models.Q(group=None),
                name="one_grant_for_everybody",
            ),
        )

    def __str__(self) -> str:
        return str(self.group or _("everybody"))
