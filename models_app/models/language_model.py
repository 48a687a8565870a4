"""A model as one server lists it."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from models_app.models.backend import Backend

LONGEST_NAME = 300
"""Characters of a model's name: what is longer is no model's."""


class LanguageModel(models.Model):
    """The facts a server told last; kept, unlisted, when the server no longer has it."""

    backend = models.ForeignKey(
        Backend,
        models.CASCADE,
        related_name="language_models",
        verbose_name=_("model server"),
    )
    name = models.CharField(_("name"), max_length=LONGEST_NAME)
    context = models.PositiveIntegerField(_("trained context, tokens"), null=True)
    window = models.PositiveIntegerField(_("loaded context, tokens"), null=True)
    size = models.PositiveBigIntegerField(_("size, bytes"), null=True)
    quantization = models.CharField(_("quantization"), max_length=40, blank=True)
    family = models.CharField(_("family"), max_length=80, blank=True)
    parameters = models.CharField(_("parameters"), max_length=40, blank=True)
    capabilities = models.JSONField(_("capabilities"), default=list, blank=True)
    chats = models.BooleanField(_("writes replies"), default=True)
    mark = models.CharField(max_length=100, blank=True)
    loaded = models.BooleanField(_("in memory"), null=True)
    memory = models.PositiveBigIntegerField(_("memory, bytes"), null=True)
    card_memory = models.PositiveBigIntegerField(_("card memory, bytes"), null=True)
    unloads_at = models.DateTimeField(_("unloads"), null=True)
    listed = models.BooleanField(_("listed"), default=True)
    seen_at = models.DateTimeField(_("seen"))

    class Meta:
        verbose_name = _("model")
        verbose_name_plural = _("models")
        permissions = (
            ("load_model", "Can load and unload models"),
            ("delete_model", "Can copy and delete models"),
        )
        constraints = (
            models.UniqueConstraint(
                fields=["backend", "name"], name="one_model_per_backend_and_name"
            ),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def build(self) -> str:
        """Its family, size and quantization, as far as they are known."""
        return " · ".join(
            filter(None, (self.family, self.parameters, self.quantization))
        )

    @property
    def card_share(self) -> int | None:
        """How much of its memory is on cards, in percent; None where that is not told."""
        if not self.memory or self.card_memory is None:
            return None
        return min(round(self.card_memory * 100 / self.memory), 100)
