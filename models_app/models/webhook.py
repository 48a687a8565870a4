"""Other programs that are told of alerts, and what each of them was told."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from models_app.models.alert import Alert


class Webhook(models.Model):
    """An address that gets a POST for each alert; its URL is sealed, for it is a secret.

    `address` is as much of the URL as may be shown. `kinds`: empty means all.
    """

    class Style(models.TextChoices):
        JSON = "json", _("JSON")
        SLACK = "slack", _("Slack")

    name = models.CharField(_("name"), max_length=80, unique=True)
    sealed_url = models.TextField(editable=False)
    address = models.CharField(_("address"), max_length=300, editable=False)
    style = models.CharField(
        _("style"),
        max_length=10,
        choices=Style,
        default=Style.JSON,
        help_text=_("“Slack” is understood by Mattermost and Rocket.Chat as well."),
    )
    enabled = models.BooleanField(
        _("enabled"),
        default=False,
        help_text=_(
            "Off until you say so: each alert tells the names of your hosts and model "
            "servers to whoever is behind the address, which may be outside your network."
        ),
    )
    kinds = models.JSONField(_("kinds"), default=list, blank=True)
    outcome = models.CharField(max_length=40, blank=True, editable=False)
    outcome_facts = models.JSONField(default=dict, editable=False)
    outcome_at = models.DateTimeField(_("last sent"), null=True, editable=False)

    class Meta:
        verbose_name = _("webhook")
        verbose_name_plural = _("webhooks")
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class Delivery(models.Model):
    """That one webhook is told once that an alert fired, and once that it cleared.

    `claimed_at`: a worker has taken it to send it, and has not said yet how that went.
    """

    class Event(models.TextChoices):
        FIRED = "fired", _("fired")
        CLEARED = "cleared", _("cleared")

    class Status(models.TextChoices):
        WAITING = "waiting", _("waiting")
        SENT = "sent", _("sent")
        GIVEN_UP = "given-up", _("given up")

    webhook = models.ForeignKey(
        Webhook, models.CASCADE, related_name="deliveries", verbose_name=_("webhook")
    )
    alert = models.ForeignKey(
        Alert, models.CASCADE, related_name="deliveries", verbose_name=_("alert")
    )
    event = models.CharField(_("event"), max_length=10, choices=Event)
    status = models.CharField(
        _("status"), max_length=10, choices=Status, default=Status.WAITING
    )
    tries = models.PositiveSmallIntegerField(_("tries"), default=0)
    next_try_at = models.DateTimeField(_("next try"), default=timezone.now)
    claimed_at = models.DateTimeField(null=True, editable=False)
    outcome = models.CharField(max_length=40, blank=True)
    outcome_facts = models.JSONField(default=dict)

    class Meta:
        verbose_name = _("webhook message")
        verbose_name_plural = _("webhook messages")
        ordering = ("-pk",)
        constraints = (
            models.UniqueConstraint(
                fields=["webhook", "alert", "event"],
                name="one_delivery_per_webhook_alert_and_event",
            ),
        )
        indexes = (
            models.Index(
                fields=["next_try_at"],
                condition=models.Q(status="waiting"),
                name="deliveries_that_wait",
            ),
        )

    def __str__(self) -> str:
        return f"{self.alert} ({self.get_event_display()})"
