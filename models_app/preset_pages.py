"""What the templates of presets are given."""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from zlib import crc32

from django.core.paginator import Paginator
from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from dashboard.errors import NotAllowed, PresetWentOn
from dashboard.people.models import User
from dashboard.requests import person_of, row_number
from dashboard.sentences import told
from models_app.modelfile.diff import diff
from models_app.modelfile.shown import shown_lines
from models_app.modelfile.understand import plain, understood
from models_app.models import Preset
from models_app.preset_fields import applied, changed_in, fields_of, more_fields_of
from models_app.preset_forms import ImportForm, PresetForm
from models_app.preset_queries import (
    creations_of,
    makers_for,
    model_names,
    on_servers,
    preset_for,
    presets_for,
    revision_before,
    revision_of,
    revisions_of,
    row_for,
)
from models_app.rights import may_add_presets, may_change_presets, may_pull
from models_app.services.creations import model_name
from models_app.services.presets import free_name
from models_app.serving.trying import TOKENS

Context = dict[str, Any]
PART = {"part": "presets"}
PAGE = "models_app/preset_editor.html"
FIRST_TEXT = "FROM "
HELLO = gettext_noop("Hello! What can you do for me?")
REVISIONS = 50
"""So many stand on a page."""
DRAFT = re.compile(r"[0-9]{1,20}|new-[0-9]{1,10}")
"""Under what a browser keeps what is typed."""


def list_of(person: User) -> Context:
    return {
        **PART,
        "rows": presets_for(person),
        "may_add": may_add_presets(person),
        "may_change": may_change_presets(person),
    }


def page_of(person: User, pk: int) -> Context:
    """A preset to read: its text, and how each server takes it."""
    preset = preset_for(person, pk)
    known = understood(preset.text)
    servers = on_servers(person, known.recipe)
    return {
        **PART,
        "preset": preset,
        "row": row_for(person, preset),
        "lines": shown_lines(preset.text.removesuffix("\n"), known),
        "servers": servers,
        "creators": [each for each in servers if each.creates],
        "creations": creations_of(preset, person),
        "model_name": model_name(preset),
        "may_add": may_add_presets(person),
        "may_change": may_change_presets(person),
        "may_create": may_pull(person),
    }


def checked(person: User, text: str, left: Mapping[str, str] | None = None) -> Context:
    """All that follows from a text: its marks, its fields, what servers make of it.

    `left` are values of fields that the text does not take.
    """
    known = understood(text)
    # Nobody has typed anything yet: that is no error.
    is_begun = text.strip() == FIRST_TEXT.strip()
    known = replace(known, errors=()) if is_begun else known
    servers = on_servers(person, known.recipe) if known.recipe.base else []
    more = more_fields_of(text, left or {})
    return {
        "text": text,
        "lines": shown_lines(text, known),
        "known": known,
        "is_begun": is_begun,
        "fields": fields_of(text, left or {}),
        "more_fields": more,
        "more_open": any(each.value for each in more),
        "models": model_names(person),
        "follows": known.is_read,
        "servers": servers,
        "try_servers": [each for each in servers if each.has_model],
    }


def editor(
    person: User,
    *,
    form: PresetForm,
    preset: Preset | None,
    left: Mapping[str, str] | None = None,
    **more: object,
) -> Context:
    """The page of the editor, with the text as it stands in the form."""
    text = plain(str(form["text"].value() or ""))
    return {
        **PART,
        **checked(person, text, left),
        "preset": preset,
        "form": form,
        "draft": _draft(form, preset, text),
        "chosen_groups": {str(each) for each in form["groups"].value() or ()},
        "prompt": _(HELLO),
        "tokens": TOKENS,
        **more,
    }


def _draft(form: PresetForm, preset: Preset | None, text: str) -> str:
    """Under what the browser keeps this editor: its preset, or what it began with."""
    given = str(form.data.get("draft", ""))
    if DRAFT.fullmatch(given):
        return given
    return str(preset.pk) if preset else f"new-{crc32(text.encode())}"


def overtaken(preset: Preset, text: str, failure: PresetWentOn) -> Context:
    """Both texts, where somebody has saved another one meanwhile; nothing is lost."""
    newest = Preset.objects.get(pk=preset.pk)
    return {
        "sentence": told(failure),
        "theirs": newest.text,
        "between": diff(newest.text, plain(text)),
        "newest": newest.revision,
    }


def history_of(person: User, pk: int, number: int, page: int = 0) -> Context:
    """A page of the revisions, and what one of them changed against the one before it.

    Without a number of the page it is the one where that revision stands.
    """
    preset = preset_for(person, pk)
    shown = revision_of(preset, number)
    earlier = revision_before(shown)
    revisions = revisions_of(preset)
    newer = 0 if page else revisions.filter(number__gt=shown.number).count()
    pages = Paginator(revisions, REVISIONS)
    return {
        **PART,
        "preset": preset,
        "page": pages.get_page(page or newer // REVISIONS + 1),
        "shown": shown,
        "earlier": earlier,
        "changes": diff(earlier.text if earlier else "", shown.text),
        "may_change": may_change_presets(person),
    }


def importing(person: User, form: ImportForm | None = None, **more: object) -> Context:
    return {
        **PART,
        "form": form or ImportForm(),
        "makers": makers_for(person),
        "models": model_names(person),
        **more,
    }


def editor_again(
    person: User, given: QueryDict, preset: Preset | None = None
) -> Context:
    """The editor with what was typed; with `do=apply` the form has changed the text."""
    known = row_number(given.get("preset", ""))
    if preset is None and known:
        preset = preset_for(person, known)
    typed, refused = given.copy(), ""
    posted = {name: typed.get(name, "") for name in typed}
    left: Mapping[str, str] = changed_in(posted.get("text", ""), posted)
    if typed.get("do") == "apply":
        outcome = applied(typed.get("text", ""), posted)
        typed["text"], left, refused = outcome.text, outcome.left, outcome.why
    return editor(
        person,
        form=PresetForm(typed, instance=preset),
        preset=preset,
        left=left,
        refused=refused,
        prompt=typed.get("prompt") or _(HELLO),
        try_on=typed.get("server", ""),
    )


def arrived(person: User, *, text: str, name: str) -> Context:
    """The editor with a text from elsewhere; nothing of it is saved yet."""
    form = PresetForm(initial={"text": plain(text), "name": free_name(name[:80])})
    return editor(person, form=form, preset=None, is_new_text=True)


def copied(person: User, preset: Preset) -> Context:
    """The editor with all of another preset, but its name; nothing of it is saved yet."""
    initial = {
        "name": free_name(preset.name),
        "icon": preset.icon,
        "description": preset.description,
        "text": preset.text,
        "groups": [group.pk for group in preset.groups.all()],
        "enabled": preset.enabled,
    }
    form = PresetForm(initial=initial)
    return editor(person, form=form, preset=None, is_new_text=True)


def editor_of(request: HttpRequest) -> User:
    """The person of a request, if they may edit presets at all."""
    person = person_of(request)
    if not (may_change_presets(person) or may_add_presets(person)):
        raise NotAllowed
    return person
