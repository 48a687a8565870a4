"""The page of one model on one server."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from dashboard.errors import DashboardError
from dashboard.live.db import in_db
from dashboard.requests import person_of
from dashboard.sentences import told
from models_app.contact import modelfile_of
from models_app.inventory import known_model_for
from models_app.model_pages import facts_of, page_of

FRAGMENTS = {"head": "_model_head", "doings": "_model_doings"}


@require_GET
@never_cache
def model(request: HttpRequest, pk: int) -> HttpResponse:
    """All about a model; each `?fragment=` is a part that changes by itself."""
    person = person_of(request)
    shown = known_model_for(person, pk)
    fragment = request.GET.get("fragment", "")
    if fragment == "1":
        return render(request, "models_app/_about.html", facts_of(person, shown))
    name = FRAGMENTS.get(fragment, "model")
    return render(request, f"models_app/{name}.html", page_of(person, shown))


@require_GET
@never_cache
async def modelfile(request: HttpRequest, pk: int) -> HttpResponse:
    """The Modelfile as the server tells it now, or why it does not."""
    person = await in_db(person_of)(request)
    shown = await in_db(known_model_for)(person, pk)
    context: dict[str, object] = {"model": shown, "part": "models"}
    try:
        context["text"] = await modelfile_of(shown)
    except DashboardError as failure:
        context["failure"] = told(failure)
    fragment = "_modelfile" if request.GET.get("fragment") else "modelfile"
    return await in_db(render)(request, f"models_app/{fragment}.html", context)
