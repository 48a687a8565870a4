"""What needs attention: when that is said, and what was."""

from dataclasses import dataclass
from typing import Self

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from models_app.models.backend import Backend
from models_app.models.node import Node


class AlertKind(models.TextChoices):
    """What can be wrong with a card, a host or a model server."""

    HOT = "hot", _("card too hot")
    THROTTLED = "throttled", _("card slowed down")
    MEMORY_FULL = "memory-full", _("memory nearly full")
    XID = "xid", _("error of a card")
    XID_PROGRAM = "xid-program", _("error of a program on a card")
    CARD_LOST = "card-lost", _("card lost")
    ECC = "ecc", _("memory errors of a card")
    HOST_SILENT = "host-silent", _("host silent")
    SERVER_DOWN = "server-down", _("model server down")
    DISK_FULL = "disk-full", _("disk nearly full")


class Severity(models.TextChoices):
    """How much it matters: whether somebody must act now, soon, or only know."""

    BAD = "bad", _("bad")
    WARN = "warn", _("warning")
    NOTE = "note", _("note")


@dataclass(frozen=True, slots=True)
class Limits:
    """When an alert is said, as a new house has it."""

    threshold: float | None = None
    second_threshold: float | None = None
    seconds: int = 0


DEFAULTS: dict[AlertKind, Limits] = {
    AlertKind.HOT: Limits(5, 85, seconds=10),
    AlertKind.THROTTLED: Limits(seconds=30),
    AlertKind.MEMORY_FULL: Limits(95, seconds=120),
    AlertKind.XID: Limits(seconds=3600),
    AlertKind.XID_PROGRAM: Limits(seconds=600),
    AlertKind.CARD_LOST: Limits(),
    AlertKind.ECC: Limits(1),
    AlertKind.HOST_SILENT: Limits(seconds=30),
    AlertKind.SERVER_DOWN: Limits(seconds=60),
    AlertKind.DISK_FULL: Limits(10, 20, seconds=60),
}


class AlertRule(models.Model):
    """When one kind of alert is said; there is one row a kind, and always all of them."""

    kind = models.CharField(
        _("kind"), max_length=20, choices=AlertKind, unique=True, editable=False
    )
    enabled = models.BooleanField(_("enabled"), default=True)
    threshold = models.FloatField(
        _("threshold"), null=True, blank=True, validators=[MinValueValidator(0)]
    )
    second_threshold = models.FloatField(
        _("second threshold"), null=True, blank=True, validators=[MinValueValidator(0)]
    )
    seconds = models.PositiveIntegerField(
        _("seconds"), default=0, validators=[MaxValueValidator(24 * 60 * 60)]
    )

    class Meta:
        verbose_name = _("alert rule")
        verbose_name_plural = _("alert rules")
        ordering = ("pk",)

    def __str__(self) -> str:
        return str(self.get_kind_display())


class AlertQuerySet(models.QuerySet["Alert"]):
    def kept(self) -> Self:
        """Those that are not over: said already, or watched until they have lasted."""
        return self.filter(cleared_at=None)

    def open(self) -> Self:
        """Those that are said, and not over."""
        return self.kept().filter(opened_at__isnull=False)


class Alert(models.Model):
    """Something wrong with one thing (`subject`), from its beginning to its end.

    A row without `opened_at` is watched: it is wrong, but has not lasted long enough to
    say so, and goes again when it is over. `calm_since`: it is well again, for how long is
    watched. `dismissed`: an administrator wants it off the pages until it is over.
    """

    kind = models.CharField(_("kind"), max_length=20, choices=AlertKind)
    subject = models.CharField(max_length=200)
    node = models.ForeignKey(
        Node, models.SET_NULL, null=True, related_name="alerts", verbose_name=_("host")
    )
    gpu_uuid = models.CharField(_("card"), max_length=100, blank=True)
    backend = models.ForeignKey(
        Backend,
        models.SET_NULL,
        null=True,
        related_name="alerts",
        verbose_name=_("model server"),
    )
    affected = models.JSONField(default=list)
    began = models.DateTimeField(_("began"))
    troubled_at = models.DateTimeField()
    opened_at = models.DateTimeField(_("said"), null=True)
    calm_since = models.DateTimeField(null=True)
    cleared_at = models.DateTimeField(_("over"), null=True, db_index=True)
    dismissed = models.BooleanField(_("dismissed"), default=False)
    value = models.FloatField(_("value"), null=True)
    facts = models.JSONField(default=dict)

    objects = AlertQuerySet.as_manager()

    class Meta:
        verbose_name = _("alert")
        verbose_name_plural = _("alerts")
        ordering = ("-began", "-pk")
        constraints = (
            models.UniqueConstraint(
                fields=["kind", "subject"],
                condition=models.Q(cleared_at=None),
                name="one_open_alert_per_kind_and_subject",
            ),
        )

    def __str__(self) -> str:
        whose = self.facts.get("server") or self.facts.get("host") or self.subject
        return f"{self.get_kind_display()}: {whose}"
