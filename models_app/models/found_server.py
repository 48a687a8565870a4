"""A model server seen on this machine that nobody has added yet."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from models_app.adapters import kinds


class FoundServer(models.Model):
    """An offer to an administrator: add it, or say no once."""

    base_url = models.CharField(_("base URL"), max_length=500, unique=True)
    kind = models.CharField(_("kind"), max_length=20, choices=kinds)
    seen_at = models.DateTimeField(_("seen"))
    dismissed = models.BooleanField(_("dismissed"), default=False)

    class Meta:
        verbose_name = _("server found on this machine")
        verbose_name_plural = _("servers found on this machine")

    def __str__(self) -> str:
        return self.base_url
