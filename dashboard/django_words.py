"""What Django's own Chinese lacks or spells as an older Django did, named here so that it
stands in our catalogue: that goes before Django's.

Those of the admin's scripts stand in `djangojs.po` alone.
"""

from typing import Final

from django.utils.translation import gettext_noop, ngettext_lazy

SENTENCES: Final = (
    gettext_noop("Model name"),
    gettext_noop("Add link"),
    gettext_noop("Change or view list link"),
    gettext_noop("Error:"),
    gettext_noop(
        "After you’ve created a user, you’ll be able to edit more user options."
    ),
)
PASSWORD_TOO_SHORT: Final = ngettext_lazy(
    "This password is too short. It must contain at least %d character.",
    "This password is too short. It must contain at least %d characters.",
)
