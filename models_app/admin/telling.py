"""What every admin of rows that decide who may use what has in common."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from models_app.services.backends import models_changed


class TellingAdmin(admin.ModelAdmin):
    """Open pages hear when rows are deleted."""

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        super().delete_model(request, obj)
        models_changed()

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        super().delete_queryset(request, queryset)
        models_changed()
