"""Rows that groups may use: everybody when no group is named."""

from typing import Self, TypeVar

from django.contrib.auth.models import AbstractBaseUser, PermissionsMixin
from django.db import models

M = TypeVar("M", bound=models.Model, covariant=True)


class GroupedQuerySet(models.QuerySet[M]):
    def usable_by(self, person: AbstractBaseUser) -> Self:
        """Those enabled rows that the person may use; an administrator uses all."""
        enabled = self.filter(enabled=True)
        if isinstance(person, PermissionsMixin) and person.is_superuser:
            return enabled
        groups = models.Q(groups=None) | models.Q(groups__user=person.pk)
        return enabled.filter(groups).distinct()
