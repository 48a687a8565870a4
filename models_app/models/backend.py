"""A model server that Paddock talks to."""

from django.contrib.auth.models import Group
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _


class Backend(models.Model):
    """Where a server is, who may use it, and how it was when last looked at."""

    class Kind(models.TextChoices):
        OLLAMA = "ollama", "Ollama"
        VLLM = "vllm", "vLLM"
        LLAMACPP = "llamacpp", "llama.cpp"
        OPENAI = "openai", _("OpenAI-compatible (LM Studio, …)")

    name = models.CharField(_("name"), max_length=80, unique=True)
    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    base_url = models.CharField(
        _("base URL"),
        max_length=500,
        help_text=_("For example http://gpu-01:11434, without /v1 or /api."),
    )
    sealed_key = models.TextField(blank=True, editable=False)
    groups = models.ManyToManyField(
        Group,
        blank=True,
        verbose_name=_("groups"),
        help_text=_("Who may use it; everybody when none is chosen."),
    )
    max_parallel = models.PositiveSmallIntegerField(
        _("max parallel"),
        default=4,
        validators=[MinValueValidator(1), MaxValueValidator(1024)],
        help_text=_("How many replies it writes at once."),
    )
    enabled = models.BooleanField(_("enabled"), default=True)
    starter = models.BooleanField(default=False, editable=False)

    checked_at = models.DateTimeField(_("looked at"), null=True, editable=False)
    seen_at = models.DateTimeField(_("last answered"), null=True, editable=False)
    failure_code = models.CharField(max_length=40, blank=True, editable=False)
    failure_facts = models.JSONField(default=dict, editable=False)

    class Meta:
        verbose_name = _("model server")
        verbose_name_plural = _("model servers")
        ordering = ("name",)
        constraints = (
            models.UniqueConstraint(
                fields=["starter"],
                condition=models.Q(starter=True),
                name="one_starter_engine",
            ),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def up(self) -> bool:
        """Whether it answered when last looked at; one not yet looked at counts as up."""
        return not self.failure_code
