"""A model that an administrator has added to the catalogue, or hidden from it."""

from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _


class CatalogueEntry(models.Model):
    """Stands for the entry of the same short name that Paddock comes with, if any.

    `data` is what `catalogue.validation` reads; a hidden one needs none.
    """

    slug = models.CharField(
        _("short name"),
        max_length=80,
        unique=True,
        validators=[
            RegexValidator(
                r"\A[a-z0-9][a-z0-9.-]*\Z",
                _("Small letters, digits, dots and hyphens, for example qwen2.5-7b."),
            )
        ],
        help_text=_(
            "Of an entry that Paddock comes with, to put another in its place."
        ),
    )
    data = models.JSONField(_("facts"), default=dict, blank=True)
    hidden = models.BooleanField(_("hidden"), default=False)

    class Meta:
        verbose_name = _("catalogue entry")
        verbose_name_plural = _("catalogue")
        ordering = ("slug",)

    def __str__(self) -> str:
        return str(self.data.get("name") or self.slug)
