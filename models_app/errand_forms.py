"""What people type about a model: how to load it, what to call a copy, that it shall go."""

from typing import ClassVar

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from models_app.adapters.base import Can
from models_app.fit.load import LEAST_WINDOW
from models_app.models import LanguageModel
from models_app.models.language_model import LONGEST_NAME
from models_app.templatetags.amounts import count

LARGEST_WINDOW = 100_000_000
PLAIN_WINDOW = 8192
"""What is suggested: enough for a long talk."""
KEEP = (
    ("", gettext_lazy("as the server likes")),
    ("300", gettext_lazy("for 5 minutes after its last reply")),
    ("3600", gettext_lazy("for an hour after its last reply")),
    ("-1", gettext_lazy("until it is unloaded")),
)


class FormAboutModel(forms.Form):
    """Several of these stand on one page, so the ids of their fields say what they do."""

    what: ClassVar[Can]

    def __init__(self, data: QueryDict | None = None, *, model: LanguageModel) -> None:
        super().__init__(data, auto_id=f"{self.what}-%s")
        self.model = model
        for field in self.fields.values():
            # What somebody types outlives what happens to the model meanwhile.
            field.widget.attrs["data-kept"] = ""


class LoadForm(FormAboutModel):
    """With how long a window, and for how long, as far as the server lets one choose."""

    what = Can.LOAD

    window = forms.IntegerField(
        label=gettext_lazy("Context, in tokens"), required=False
    )
    keep_alive = forms.TypedChoiceField(
        label=gettext_lazy("Stays in memory"),
        choices=KEEP,
        coerce=int,
        empty_value=None,
        required=False,
    )

    def __init__(self, data: QueryDict | None = None, *, model: LanguageModel) -> None:
        super().__init__(data, model=model)
        if Can.KEEP not in model.backend.can:
            del self.fields["keep_alive"]
        if Can.WINDOW not in model.backend.can:
            del self.fields["window"]
            return
        most = model.context or LARGEST_WINDOW
        least, field = min(LEAST_WINDOW, most), self.fields["window"]
        field.help_text = _help(model)
        field.widget.attrs |= {"min": least, "max": most, "inputmode": "numeric"}
        field.widget.attrs["placeholder"] = min(PLAIN_WINDOW, most)
        field.validators += [
            MinValueValidator(
                least, _("A window has at least %(limit_value)s tokens.")
            ),
            MaxValueValidator(most),
        ]


class CopyForm(FormAboutModel):
    what = Can.COPY
    new_name = forms.CharField(label=gettext_lazy("New name"), max_length=LONGEST_NAME)

    def __init__(self, data: QueryDict | None = None, *, model: LanguageModel) -> None:
        super().__init__(data, model=model)
        self.fields["new_name"].widget.attrs |= {
            "autocomplete": "off",
            "spellcheck": "false",
            "placeholder": f"{model.name.partition(':')[0]}-2",
        }


class DeleteForm(FormAboutModel):
    """The name once more, so that nobody deletes what they did not mean."""

    what = Can.DELETE

    name = forms.CharField(label=gettext_lazy("Its name, to be sure"), strip=False)

    def __init__(self, data: QueryDict | None = None, *, model: LanguageModel) -> None:
        super().__init__(data, model=model)
        self.fields["name"].widget.attrs |= {
            "autocomplete": "off",
            "spellcheck": "false",
        }

    def clean_name(self) -> str:
        if (name := str(self.cleaned_data["name"])) != self.model.name:
            said = _("That is another name. Type “%(name)s”, exactly so.")
            raise forms.ValidationError(said % {"name": self.model.name})
        return name


def _help(model: LanguageModel) -> str:
    if model.context is None:
        return _("Empty: as the server likes. More takes more memory.")
    said = _(
        "Empty: as the server likes. It was trained for %(most)s; more takes more memory."
    )
    return said % {"most": count(model.context)}
