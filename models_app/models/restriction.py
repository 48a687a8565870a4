"""Who may use a model, where that is not everybody."""

from django.contrib.auth.models import Group
from django.db import models
from django.utils.translation import gettext_lazy as _


class Restriction(models.Model):
    """A model, by name and on every server, for some groups only.

    With no group it is for administrators alone; a model without a row is for everybody
    who may use one of its servers.
    """

    model = models.CharField(_("model"), max_length=300, unique=True)
    groups = models.ManyToManyField(Group, blank=True, verbose_name=_("groups"))

    class Meta:
        verbose_name = _("restricted model")
        verbose_name_plural = _("who may use which model")
        ordering = ("model",)

    def __str__(self) -> str:
        return self.model
