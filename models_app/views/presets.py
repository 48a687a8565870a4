"""The pages of presets: for everybody to read and use, for some to change."""

import re

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from dashboard.errors import DashboardError
from dashboard.requests import number_in, person_of
from dashboard.sentences import told
from models_app.preset_forms import CreateForm
from models_app.preset_pages import history_of, list_of, page_of
from models_app.preset_queries import preset_for
from models_app.rights import (
    MAY_CHANGE_PRESETS,
    MAY_PULL,
)
from models_app.services.creations import create_model
from models_app.services.presets import (
    end_default,
    make_default,
    restore_revision,
)
from models_app.snapshot import look_anew

UNFIT = re.compile(r"[^\w.-]+")
"""What the name of a file should not hold."""


@require_GET
@never_cache
def presets(request: HttpRequest) -> HttpResponse:
    """Those that the person may use; `?fragment=1` is the list alone."""
    look_anew()
    fragment = request.GET.get("fragment")
    name = "_presets" if fragment else "presets"
    return render(request, f"models_app/{name}.html", list_of(person_of(request)))


@require_GET
@never_cache
def preset(request: HttpRequest, pk: int) -> HttpResponse:
    """One to read, with how each server takes it; `?fragment=1` is what is made of it."""
    look_anew()
    name = "_creations" if request.GET.get("fragment") else "preset"
    return render(request, f"models_app/{name}.html", page_of(person_of(request), pk))


@require_GET
@never_cache
def export(request: HttpRequest, pk: int) -> HttpResponse:
    """Its text as a file."""
    found = preset_for(person_of(request), pk)
    response = HttpResponse(found.text, content_type="text/plain; charset=utf-8")
    name = UNFIT.sub("_", found.name).strip("._") or "preset"
    header = content_disposition_header(
        as_attachment=True, filename=f"{name}.Modelfile"
    )
    response["Content-Disposition"] = str(header)
    return response


@require_GET
@never_cache
def revisions(request: HttpRequest, pk: int) -> HttpResponse:
    """Who changed what and when; `?number=` chooses the change that is shown."""
    number, page = number_in(request, "number"), number_in(request, "page")
    context = history_of(person_of(request), pk, number, page)
    return render(request, "models_app/preset_revisions.html", context)


@require_POST
@permission_required(MAY_CHANGE_PRESETS, raise_exception=True)
def restore(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    restore_revision(pk, number=number, by=person_of(request))
    said = _("Revision %(number)s is in use again, as the newest one.")
    messages.success(request, said % {"number": number})
    return redirect("preset", pk)


@require_POST
@permission_required(MAY_CHANGE_PRESETS, raise_exception=True)
def default(request: HttpRequest, pk: int) -> HttpResponse:
    """Make it the default, or with `end` not any more."""
    change = end_default if request.POST.get("end") else make_default
    change(pk, by=person_of(request))
    return redirect("preset", pk)


@require_POST
@permission_required(MAY_PULL, raise_exception=True)
def create(request: HttpRequest, pk: int) -> HttpResponse:
    """Have a server make a model of it; a refusal gives back what was typed."""
    person, form = person_of(request), CreateForm(request.POST)
    look_anew()
    context = page_of(person, pk)
    if not form.is_valid():
        context |= {"typed": form.data, "sentence": _("Write a name, then try again.")}
        return render(request, "models_app/preset.html", context, status=422)
    wanted = form.cleaned_data
    try:
        create_model(
            pk,
            backend=wanted["server"],
            name=wanted["model"],
            by=person,
            replace=wanted["replace"],
        )
    except DashboardError as failure:
        context |= {"typed": form.data, "sentence": told(failure)}
        return render(request, "models_app/preset.html", context, status=failure.status)
    said = _("“%(name)s” is being made; below you see how far it is.")
    messages.success(request, said % {"name": wanted["model"]})
    return redirect("preset", pk)
