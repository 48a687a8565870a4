"""What programs of a group's people may ask for besides the usual, in the admin."""

import re
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import F
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from models_app.admin.lines import LinesField
from models_app.models import FieldGrant

NAME = re.compile(r"[\w.-]{1,80}", re.ASCII)
ABOUT = gettext_lazy(
    "Programs of members may send what makes a request: messages, tools, sampling, formats. "
    "What would change how a server works for others is refused, unless it is granted here "
    "to a group of theirs, or to everybody. Administrators may send anything."
)
EXAMPLES = gettext_lazy(
    "Names of fields, one a line. Examples: num_ctx (a window of one's own, which may load "
    "the model anew), keep_alive (how long it stays in memory), priority (ahead of others "
    "in vLLM), chat_template (another template than that of the model)."
)


class FieldGrantForm(forms.ModelForm):
    """One row for each group, and one for everybody."""

    # Django takes it off the class, so that it hides nothing.
    fields = LinesField(  # type: ignore[assignment]
        label=gettext_lazy("Fields"), help_text=EXAMPLES
    )

    class Meta:
        model = FieldGrant
        fields = ("group", "fields")

    def clean_fields(self) -> list[str]:
        names: list[str] = self.cleaned_data["fields"]
        if wrong := [each for each in names if not NAME.fullmatch(each)]:
            said = _("“%(name)s” is no name of a field. Write one name a line.")
            raise forms.ValidationError(said % {"name": wrong[0]})
        return names

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        others = FieldGrant.objects.filter(group=None).exclude(pk=self.instance.pk)
        if not self.errors and not given.get("group") and others.exists():
            raise forms.ValidationError(
                _("There is a row for everybody already. Change that one.")
            )
        return given


@admin.register(FieldGrant)
class FieldGrantAdmin(admin.ModelAdmin):
    """A key is read anew within a second, so that nothing has to be told."""

    form = FieldGrantForm
    list_display = ("whose", "named")
    list_select_related = ("group",)
    autocomplete_fields = ("group",)
    ordering = (F("group__name").asc(nulls_first=True),)
    fieldsets = ((None, {"fields": ("group", "fields"), "description": ABOUT}),)

    @admin.display(description=gettext_lazy("for"))
    def whose(self, grant: FieldGrant) -> str:
        return str(grant)

    @admin.display(description=gettext_lazy("fields"))
    def named(self, grant: FieldGrant) -> str:
        return ", ".join(grant.fields)
