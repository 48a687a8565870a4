"""What a model's size in memory follows from, as its server told it once."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class ModelShape(models.Model):
    """One for each `mark`, which changes with the model's content; `told` is reduced."""

    mark = models.CharField(max_length=100, unique=True)
    told = models.JSONField(default=dict)
    seen_at = models.DateTimeField(_("seen"), auto_now_add=True)

    def __str__(self) -> str:
        return self.mark
