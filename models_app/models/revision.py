"""How often what may be used has changed."""

from django.db import models


class Revision(models.Model):
    """One row: each process reads all of what may be used again only when it counts on."""

    ONLY = 1

    number = models.PositiveBigIntegerField(default=0)

    def __str__(self) -> str:
        return str(self.number)
