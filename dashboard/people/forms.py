"""The forms by which people get in."""

from typing import ClassVar

from django.contrib.auth.forms import BaseUserCreationForm
from django.utils.translation import gettext_lazy as _

from dashboard.people.models import User


class NewcomerForm(BaseUserCreationForm):
    """A name and a password; the invite says the rest."""

    class Meta:
        model = User
        fields: ClassVar[list[str]] = ["username", "first_name"]
        labels: ClassVar[dict[str, object]] = {
            "username": _("Name to sign in with"),
            "first_name": _("Name that others see"),
        }
        help_texts: ClassVar[dict[str, object]] = {
            "username": _("Letters, digits and @/./+/-/_ only."),
            "first_name": _("May stay empty: then others see the first one."),
        }
