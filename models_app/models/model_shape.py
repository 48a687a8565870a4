"""What a server told of a model's shape: once for each content that the model had."""

from typing import Self

from django.db import models
from django.utils import timezone

from models_app.fit.gguf import shape_from_show
from models_app.fit.shape import Shape


class ModelShapeQuerySet(models.QuerySet["ModelShape"]):
    def of(self, key: str, mark: str) -> Self:
        """That of a model by its `name_key`, with this content."""
        return self.filter(key=key, mark=mark)


class ModelShape(models.Model):
    """`told` is what an adapter's `shape` gave; `mark` tells one content from another."""

    key = models.CharField(max_length=900)
    mark = models.CharField(max_length=100)
    told = models.JSONField(default=dict)
    told_at = models.DateTimeField(default=timezone.now)

    objects = ModelShapeQuerySet.as_manager()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["key", "mark"], name="one_shape_per_model_and_mark"
            ),
        )

    def __str__(self) -> str:
        return self.key

    @property
    def shape(self) -> Shape:
        """It, as an estimate takes it."""
        return shape_from_show(self.told, mark=self.mark)
