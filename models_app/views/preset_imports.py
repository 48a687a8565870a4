"""Modelfiles from elsewhere, into the editor of presets."""

from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from dashboard.errors import DashboardError, NothingToRead
from dashboard.live.db import in_db
from dashboard.requests import person_of
from dashboard.sentences import told
from models_app.modelfile.parse import text_of
from models_app.preset_forms import ImportForm, ReadForm
from models_app.preset_pages import PAGE, arrived, editor_of, importing
from models_app.rights import MAY_ADD_PRESETS
from models_app.serving.modelfiles import modelfile_on

IMPORT = "models_app/preset_import.html"


@require_http_methods(["GET", "POST"])
@permission_required(MAY_ADD_PRESETS, raise_exception=True)
@never_cache
def take_in(request: HttpRequest) -> HttpResponse:
    """A Modelfile from a file or the clipboard, into the editor; nothing is saved yet."""
    person = person_of(request)
    form = ImportForm(request.POST or None, request.FILES or None)
    if not form.is_valid():
        status = 422 if request.method == "POST" else 200
        context = importing(person, form)
        return render(request, IMPORT, context, status=status)
    file = form.cleaned_data["file"]
    text = text_of(file.read()) if file else form.cleaned_data["pasted"]
    name = file.name.removesuffix(".Modelfile") if file else ""
    return render(request, PAGE, arrived(person, text=text, name=name))


@require_POST
async def read(request: HttpRequest) -> HttpResponse:
    """The Modelfile of a model on a server, into the editor; never waited for for long."""
    person = await in_db(editor_of)(request)
    form = ReadForm(request.POST)
    try:
        if not form.is_valid():
            raise NothingToRead
        model = form.cleaned_data["model"].strip()
        server = form.cleaned_data["server"]
        text = await modelfile_on(server, model, person=person)
    except DashboardError as failure:
        said = told(failure)
        context = await in_db(importing)(person, sentence=said, typed=form.data)
        return await in_db(render)(request, IMPORT, context, status=failure.status)
    context = await in_db(arrived)(person, text=text, name=model)
    return await in_db(render)(request, PAGE, context)
