"""What people choose for a new batch."""

from typing import Any

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext_lazy as _

from dashboard.errors import (
    FilesFull,
    FileTooLarge,
    LineDouble,
    LineElsewhere,
    LineUnfit,
    LineUnreadable,
    NothingInBatch,
    TooManyLines,
)
from models_app.batches.lines import ENDPOINTS
from models_app.batches.places import MEGABYTE
from models_app.forms import ToldForm

OF_FILE = (
    FilesFull,
    FileTooLarge,
    LineDouble,
    LineElsewhere,
    LineUnfit,
    LineUnreadable,
    NothingInBatch,
    TooManyLines,
)


class BatchForm(ToldForm):
    """A file of requests, and what they are for."""

    fields_of = dict.fromkeys(OF_FILE, "file")

    file = forms.FileField(
        label=_("File of requests, JSON lines"),
        error_messages={
            "required": _("Choose a file with a request on each line."),
            "empty": _(NothingInBatch.sentence),
        },
    )
    endpoint = forms.ChoiceField(
        label=_("Endpoint"),
        choices=[(each, each) for each in ENDPOINTS],
        error_messages={"invalid_choice": _("Choose one of the list.")},
    )

    def __init__(
        self,
        typed: QueryDict | None = None,
        files: "MultiValueDict[str, UploadedFile[Any]] | None" = None,
    ) -> None:
        super().__init__(typed, files, auto_id="batch-%s")
        self.fields["file"].widget.attrs["accept"] = ".jsonl,.ndjson,.json,.txt"

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        file = cleaned.get("file")
        if file is not None and file.size > settings.BATCH_MB * MEGABYTE:
            self.tell(FileTooLarge(most=settings.BATCH_MB))
        return cleaned
