"""Pulls as people start, watch, cancel and retry them on the models page."""

from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from dashboard.errors import BackendError, NotFound, PullError
from dashboard.people.models import User
from dashboard.requests import person_of
from models_app.forms import PullForm
from models_app.pull_panels import pull_form, pulls_panel
from models_app.pullers import puller_servers
from models_app.responses import again, back
from models_app.rights import MAY_PULL
from models_app.services.pulls import (
    dismiss_pull,
    request_stop,
    retry_pull,
    start_pull,
)

puller = permission_required(MAY_PULL, raise_exception=True)


@require_GET
@never_cache
def pulls(request: HttpRequest) -> HttpResponse:
    """The open pulls and those that ended lately, as a fragment."""
    return render(request, "models_app/_pulls.html", pulls_panel(person_of(request)))


@require_POST
@puller
def start(request: HttpRequest) -> HttpResponse:
    """Pull a model to the chosen servers, or say at which field that fails."""
    person = person_of(request)
    form = PullForm(request.POST, servers=puller_servers(person))
    if form.is_valid() and _started(form, person):
        return back(request)
    return again(request, "models_app/_pull_form.html", pull_form(person, form))


@require_POST
@puller
def stop(request: HttpRequest, pk: int) -> HttpResponse:
    request_stop(pk, by=person_of(request))
    return back(request)


@require_POST
@puller
def retry(request: HttpRequest, pk: int) -> HttpResponse:
    retry_pull(pk, by=person_of(request))
    return back(request)


@require_POST
@puller
def dismiss(request: HttpRequest, pk: int) -> HttpResponse:
    dismiss_pull(pk, by=person_of(request))
    return back(request)


def _started(form: PullForm, person: User) -> bool:
    chosen = form.cleaned_data
    try:
        start_pull(chosen["name"], backends=chosen["servers"], by=person)
    except (PullError, BackendError, NotFound) as failure:
        form.tell(failure)
        return False
    return True
