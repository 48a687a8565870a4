"""Groups in the admin: one that keeps something from the others is not deleted unseen."""

from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin
from django.contrib.auth.models import Group
from django.http import HttpRequest

from models_app.admin.telling import TellingAdmin
from models_app.visibility import kept_by

admin.site.unregister(Group)


@admin.register(Group)
class CarefulGroupAdmin(TellingAdmin, GroupAdmin):
    """What is for one group only would be for everybody once that group is gone."""

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> tuple[Any, ...]:
        """As Django's, with the servers and presets that stand in the way."""
        *found, protected = super().get_deleted_objects(objs, request)
        return (*found, [*protected, *kept_by(objs)])
