"""Accounts, and the invites by which they are made."""

from typing import Self

from django.conf import settings
from django.contrib.auth.models import AbstractUser, Group
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

TONES = 8
"""How many colours tell people apart; `static/css/people.css` holds them."""


class User(AbstractUser):
    """A person of the house."""

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")

    @property
    def name(self) -> str:
        return self.get_full_name() or self.username

    @property
    def tone(self) -> int:
        return self.pk % TONES


class InviteQuerySet(models.QuerySet["Invite"]):
    def open(self) -> Self:
        """Those that can still be accepted, by the clock of now."""
        return self.filter(used_at=None, expires_at__gt=timezone.now())


class Invite(models.Model):
    """A one-time link that makes an account; only a hash of its token is stored."""

    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    note = models.CharField(
        _("for whom"),
        max_length=200,
        help_text=_("So that you recognise it in the list."),
    )
    administrator = models.BooleanField(_("administrator"), default=False)
    first = models.BooleanField(
        default=False,
        editable=False,
        help_text=_("Made at start; void once an administrator exists."),
    )
    groups = models.ManyToManyField(Group, blank=True, verbose_name=_("groups"))
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        null=True,
        editable=False,
        related_name="invites",
        verbose_name=_("made by"),
    )
    created_at = models.DateTimeField(_("made"), auto_now_add=True)
    expires_at = models.DateTimeField(_("expires"))
    used_at = models.DateTimeField(_("used"), null=True, editable=False)
    used_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("used by"),
    )

    objects = InviteQuerySet.as_manager()

    class Meta:
        verbose_name = _("invite")
        verbose_name_plural = _("invites")

    def __str__(self) -> str:
        return self.note
