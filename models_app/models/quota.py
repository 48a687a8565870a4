"""How much of the house a person, or each person of a group, may take."""

from django.conf import settings
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

LIMITS = (
    "requests_a_minute",
    "tokens_a_day",
    "gpu_minutes_a_day",
    "at_once",
)


class Quota(models.Model):
    """Limits for one person, for each person of a group, or for everybody; an empty one
    does not limit.

    A person's own limit wins over those of their groups, of which the widest counts, and
    these win over everybody's.
    """

    person = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="quota",
        verbose_name=_("person"),
    )
    group = models.OneToOneField(
        Group,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="quota",
        verbose_name=_("group"),
        help_text=_("Each person of it. Neither person nor group: everybody."),
    )
    requests_a_minute = models.PositiveIntegerField(
        _("requests a minute"), null=True, blank=True
    )
    tokens_a_day = models.PositiveIntegerField(
        _("tokens a day"),
        null=True,
        blank=True,
        help_text=_("Prompt and reply together."),
    )
    gpu_minutes_a_day = models.PositiveIntegerField(
        _("GPU-minutes a day"), null=True, blank=True
    )
    at_once = models.PositiveIntegerField(
        _("at once"), null=True, blank=True, help_text=_("Replies that run or wait.")
    )

    class Meta:
        verbose_name = _("quota")
        verbose_name_plural = _("quotas")
        constraints = (
            models.CheckConstraint(
                condition=Q(person=None) | Q(group=None),
                name="a_quota_is_for_one_or_the_other",
            ),
            models.UniqueConstraint(
                models.Value(1),
                condition=Q(person=None, group=None),
                name="one_quota_for_everybody",
            ),
        )

    def __str__(self) -> str:
        return str(self.person or self.group or _("everybody"))

    def clean(self) -> None:
        if self.person and self.group:
            raise ValidationError(_("Choose a person or a group, not both."))
