"""A model with a system prompt and parameters, under a name of its own."""

from django.contrib.auth.models import Group
from django.db import models
from django.utils.translation import gettext_lazy as _

from models_app.parameters import check_parameters


class Preset(models.Model):
    """What a teammate chooses by name; it runs on whichever server has the model."""

    name = models.CharField(_("name"), max_length=80, unique=True)
    model = models.CharField(
        _("model"), max_length=300, help_text=_("As a server lists it.")
    )
    system = models.TextField(_("system prompt"), blank=True)
    parameters = models.JSONField(
        _("parameters"),
        default=dict,
        blank=True,
        validators=[check_parameters],
        help_text=_('For example {"temperature": 0.2, "num_predict": 512}.'),
    )
    groups = models.ManyToManyField(
        Group,
        blank=True,
        verbose_name=_("groups"),
        help_text=_("Who may use it; everybody when none is chosen."),
    )
    enabled = models.BooleanField(_("enabled"), default=True)

    class Meta:
        verbose_name = _("preset")
        verbose_name_plural = _("presets")
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name
