"""A host whose cards Paddock watches, and those cards."""

from django.core.validators import RegexValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from models_app.gpu.keys import NODE_NAME


class Node(models.Model):
    """A host as it was last heard of.

    One that a person added has the hash of its secret (SHA-256, hexadecimal) and a user
    of its own in Redis; that of the embedded worker has none. `retired_at`: an
    administrator removed it, and its history stays.
    """

    name = models.CharField(
        _("name"),
        max_length=63,
        unique=True,
        validators=[RegexValidator(rf"^{NODE_NAME.pattern}\Z")],
    )
    secret_hash = models.CharField(max_length=64, blank=True, editable=False)
    added_at = models.DateTimeField(_("added"), default=timezone.now, editable=False)
    retired_at = models.DateTimeField(_("removed"), null=True, editable=False)

    # What its samples say; times are ours.
    seen_at = models.DateTimeField(_("last heard"), null=True, editable=False)
    boot = models.CharField(max_length=100, blank=True, editable=False)
    clock_off = models.FloatField(_("clock off by, seconds"), null=True, editable=False)
    driver = models.CharField(_("driver"), max_length=200, blank=True, editable=False)
    state = models.CharField(max_length=40, blank=True, editable=False)
    trouble = models.CharField(max_length=300, blank=True, editable=False)

    class Meta:
        verbose_name = _("GPU host")
        verbose_name_plural = _("GPU hosts")
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class Gpu(models.Model):
    """A card, known by the UUID that its driver gives it; its history hangs on it."""

    node = models.ForeignKey(Node, models.CASCADE, related_name="gpus")
    uuid = models.CharField(max_length=100)
    index = models.PositiveSmallIntegerField(default=0)
    name = models.CharField(_("name"), max_length=200, blank=True)
    vendor = models.CharField(max_length=20, blank=True)
    memory_total = models.PositiveBigIntegerField(_("memory"), null=True)
    first_seen_at = models.DateTimeField(default=timezone.now)
    seen_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("card")
        verbose_name_plural = _("cards")
        ordering = ("node", "index")
        constraints = (
            models.UniqueConstraint(
                fields=("node", "uuid"), name="one_card_of_each_uuid"
            ),
        )

    def __str__(self) -> str:
        return f"{self.name} {self.index}"
