"""What somebody types of a preset, in the admin and on its own page."""

from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from dashboard.errors import ModelfileUnsound
from dashboard.sentences import phrase, told
from models_app.modelfile.understand import plain, understood
from models_app.models import Preset
from models_app.services.presets import Wanted

LONGEST_FILE = 200_000
"""In bytes; a Modelfile with a licence or two has far fewer."""
LONGEST_PROMPT = 4000


LARGEST = 2**63 - 1
"""What a number of a row can be."""


class PresetForm(forms.ModelForm):
    """A preset with the number of the revision that the person began with.

    `was_default` is how the box stood when the form was shown: only whoever changes it
    makes or ends the default, though somebody else may have meanwhile.
    """

    default = forms.BooleanField(
        label=_("Default"),
        required=False,
        help_text=_("A new chat proposes it to whoever has chosen nothing yet."),
    )
    note = forms.CharField(
        label=_("Note"),
        max_length=200,
        required=False,
        help_text=_("What you changed, for those who read the revisions."),
    )
    was_default = forms.BooleanField(required=False, widget=forms.HiddenInput)
    based_on = forms.IntegerField(required=False, widget=forms.HiddenInput)

    class Meta:
        model = Preset
        fields = ("name", "icon", "description", "text", "groups", "enabled")
        error_messages: ClassVar = {
            "name": {
                "unique": _(
                    "There is a preset of that name already. Choose another name, then "
                    "save again."
                )
            }
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["text"].strip = False  # type: ignore[attr-defined]
        for name in ("default", "was_default"):
            self.initial.setdefault(name, self.instance.is_default)
        self.initial.setdefault("based_on", self.instance.revision)

    def clean_text(self) -> str:
        text = plain(self.cleaned_data["text"])
        if understood(text).errors:
            raise forms.ValidationError(told(ModelfileUnsound()))
        return text

    def clean_based_on(self) -> int:
        return self.cleaned_data["based_on"] or 0

    def wanted(self) -> Wanted:
        """What a valid form asks for."""
        clean = self.cleaned_data
        return Wanted(
            name=clean["name"],
            text=clean["text"],
            icon=clean["icon"],
            description=clean["description"],
            groups=frozenset(group.pk for group in clean["groups"]),
            enabled=clean["enabled"],
            is_default=self._chosen_default(),
            note=clean["note"],
        )

    def _chosen_default(self) -> bool | None:
        """None for a box that stands as it stood."""
        chosen = bool(self.cleaned_data["default"])
        return None if chosen == self.cleaned_data["was_default"] else chosen


class AdminPresetForm(PresetForm):
    """The same where no editor marks the lines: the errors name them."""

    def clean_text(self) -> str:
        text = plain(self.cleaned_data["text"])
        if errors := understood(text).errors:
            said = _("Line %(line)s: %(sentence)s")
            raise forms.ValidationError(
                [said % {"line": e.line, "sentence": phrase(e)} for e in errors]
            )
        return text

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        kept = Preset.objects.filter(pk=self.instance.pk).first()
        if kept and kept.revision != cleaned.get("based_on"):
            raise forms.ValidationError(
                _(
                    "Somebody has saved this preset meanwhile. Copy your text, then reload."
                )
            )
        return cleaned


class ImportForm(forms.Form):
    """A Modelfile, as a file or pasted."""

    file = forms.FileField(label=_("File"), required=False)
    pasted = forms.CharField(
        label=_("Or paste its text"),
        required=False,
        strip=False,
        max_length=LONGEST_FILE,
        widget=forms.Textarea(attrs={"rows": 8, "spellcheck": "false"}),
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        file = cleaned.get("file")
        if file and file.size > LONGEST_FILE:
            raise forms.ValidationError(_("That file is too long for a Modelfile."))
        if not file and not cleaned.get("pasted", "").strip():
            raise forms.ValidationError(_("Choose a file, or paste a text."))
        return cleaned


class ReadForm(forms.Form):
    """A model on a server whose Modelfile is wanted."""

    server = forms.IntegerField(label=_("Server"), max_value=LARGEST)
    model = forms.CharField(label=_("Model"), max_length=300)


class TryForm(forms.Form):
    """A question to an unsaved preset."""

    text = forms.CharField(strip=False, max_length=LONGEST_FILE)
    prompt = forms.CharField(max_length=LONGEST_PROMPT)
    server = forms.IntegerField(max_value=LARGEST)


class CreateForm(forms.Form):
    """A model to be made of a preset."""

    server = forms.IntegerField(max_value=LARGEST)
    model = forms.CharField(label=_("Name on the server"), max_length=300)
    replace = forms.BooleanField(required=False)
