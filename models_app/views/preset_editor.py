"""The editor of presets: a text and a form in step, checked while one types."""

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from dashboard.errors import PresetError, PresetWentOn
from dashboard.people.models import User
from dashboard.requests import number_in, person_of
from dashboard.sentences import told
from models_app.modelfile.understand import plain
from models_app.models import Preset
from models_app.preset_fields import applied
from models_app.preset_forms import PresetForm
from models_app.preset_pages import (
    DRAFT,
    FIRST_TEXT,
    PAGE,
    checked,
    copied,
    editor,
    editor_again,
    editor_of,
    overtaken,
)
from models_app.preset_queries import groups_without, preset_for
from models_app.rights import MAY_ADD_PRESETS, MAY_CHANGE_PRESETS
from models_app.services.presets import add_preset, save_preset


@require_http_methods(["GET", "POST"])
@permission_required(MAY_ADD_PRESETS, raise_exception=True)
@never_cache
def new(request: HttpRequest) -> HttpResponse:
    """A new preset: of `?model=`, or as a copy of `?copy=`, where those are given."""
    person = person_of(request)
    if request.method == "POST":
        return _edited(request, None)
    if copy := number_in(request, "copy"):
        return render(request, PAGE, copied(person, preset_for(person, copy)))
    text = f"{FIRST_TEXT}{request.GET.get('model', '')}\n"
    form = PresetForm(initial={"text": text})
    return render(request, PAGE, editor(person, form=form, preset=None))


@require_http_methods(["GET", "POST"])
@permission_required(MAY_CHANGE_PRESETS, raise_exception=True)
@never_cache
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    preset = preset_for(person_of(request), pk)
    if request.method == "POST":
        return _edited(request, preset)
    form = PresetForm(instance=preset)
    return render(request, PAGE, editor(person_of(request), form=form, preset=preset))


@require_POST
def check(request: HttpRequest) -> HttpResponse:
    """The fragment of all that follows from a text; with `by=form` the form changes it."""
    person = editor_of(request)
    text = plain(request.POST.get("text", ""))
    refused = ""
    if request.POST.get("by") == "form":
        outcome = applied(text, request.POST)
        text, refused = outcome.text, outcome.why
    context = {**checked(person, text), "refused": refused}
    return render(request, "models_app/_preset_check.html", context)


def _edited(request: HttpRequest, preset: Preset | None) -> HttpResponse:
    """Saved; or the editor again, with what was asked of it besides."""
    person, doing = person_of(request), request.POST.get("do", "save")
    if doing != "save":
        context = editor_again(person, request.POST, preset)
        return render(request, PAGE, context)
    typed = request.POST.copy()
    outcome = applied(typed.get("text", ""), typed)
    typed["text"] = outcome.text
    form = PresetForm(typed, instance=preset)
    if outcome.refused or not form.is_valid():
        context = editor(
            person, form=form, preset=preset, left=outcome.left, sentence=outcome.why
        )
        return render(request, PAGE, context, status=422)
    try:
        pk = _saved(form, preset, person)
    except PresetError as failure:
        context = editor(person, form=form, preset=preset, sentence=told(failure))
        if isinstance(failure, PresetWentOn) and preset:
            context |= overtaken(preset, form.cleaned_data["text"], failure)
        return render(request, PAGE, context, status=failure.status)
    messages.success(request, _told(person, pk))
    return redirect(_after(pk, request.POST.get("draft", "")))


def _after(pk: int, draft: str) -> str:
    """The page of the preset, which has the browser forget what it kept of it."""
    here = reverse("preset", args=[pk])
    return f"{here}?saved={draft}" if DRAFT.fullmatch(draft) else here


def _told(person: User, pk: int) -> str:
    """That it is saved, and for whom, where the person is not among them."""
    others = groups_without(person, preset_for(person, pk))
    if not others:
        return _("Saved. It is in use from now on.")
    said = _(
        "Saved for %(groups)s. You are in none of these groups, so no chat offers it to "
        "you; here you see it."
    )
    return said % {"groups": ", ".join(others)}


def _saved(form: PresetForm, preset: Preset | None, person: User) -> int:
    wanted = form.wanted()
    if preset is None:
        return add_preset(wanted, by=person)
    based_on = form.cleaned_data["based_on"]
    save_preset(preset.pk, wanted, based_on=based_on, by=person)
    return preset.pk
