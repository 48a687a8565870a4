"""Having something done with a model: each form starts an errand, and no page waits for it."""

from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from dashboard.errors import NameTaken, NameUnfit
from dashboard.requests import person_of
from dashboard.sentences import told
from models_app.errand_forms import CopyForm, DeleteForm, FormAboutModel, LoadForm
from models_app.inventory import known_model_for
from models_app.model_pages import page_of
from models_app.models import LanguageModel
from models_app.responses import UNFIT
from models_app.rights import MAY_DELETE, MAY_LOAD
from models_app.services.errands import (
    start_copy,
    start_delete,
    start_load,
    start_unload,
)

loader = permission_required(MAY_LOAD, raise_exception=True)
deleter = permission_required(MAY_DELETE, raise_exception=True)


@require_POST
@loader
def load(request: HttpRequest, pk: int) -> HttpResponse:
    person = person_of(request)
    model = known_model_for(person, pk)
    form = LoadForm(request.POST, model=model)
    if not form.is_valid():
        return _again(request, model, form)
    start_load(pk, by=person, **form.cleaned_data)
    return _begun(request, model)


@require_POST
@loader
def unload(request: HttpRequest, pk: int) -> HttpResponse:
    model = known_model_for(person_of(request), pk)
    start_unload(pk, by=person_of(request))
    return _begun(request, model)


@require_POST
@deleter
def copy(request: HttpRequest, pk: int) -> HttpResponse:
    person = person_of(request)
    model = known_model_for(person, pk)
    form = CopyForm(request.POST, model=model)
    if form.is_valid():
        try:
            start_copy(pk, new_name=form.cleaned_data["new_name"], by=person)
        except (NameUnfit, NameTaken) as failure:
            form.add_error("new_name", told(failure))
    if not form.is_valid():
        return _again(request, model, form)
    return _begun(request, model)


@require_POST
@deleter
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Delete a model whose name was typed once more."""
    person = person_of(request)
    model = known_model_for(person, pk)
    form = DeleteForm(request.POST, model=model)
    if not form.is_valid():
        return _again(request, model, form)
    start_delete(pk, by=person)
    return _begun(request, model)


def _begun(request: HttpRequest, model: LanguageModel) -> HttpResponse:
    """Back to where somebody clicked: there the state says what happens, until it has."""
    return redirect(_page_before(request) or reverse("model", args=[model.pk]))


def _page_before(request: HttpRequest) -> str:
    """The page that the form stood on; "" for none of ours, or one that takes no GET."""
    page = request.headers.get("referer", "")
    ours = url_has_allowed_host_and_scheme(
        page, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    is_table = page.partition("?")[0].endswith(reverse("models"))
    return page if ours and is_table else ""


def _again(
    request: HttpRequest, model: LanguageModel, form: FormAboutModel
) -> HttpResponse:
    """The page once more, with what was typed and what is wrong with it."""
    context = {
        **page_of(person_of(request), model, form),
        # This address takes no GET: after a switch of the language one comes back here.
        "next_page": reverse("model", args=[model.pk]),
    }
    return render(request, "models_app/model.html", context, status=UNFIT)
