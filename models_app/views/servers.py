"""What leads to more and better models, outside the admin."""

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from models_app.services.found_servers import add_found


@require_POST
@permission_required("models_app.add_backend", raise_exception=True)
def add_server(request: HttpRequest, pk: int) -> HttpResponse:
    """Take up the offer of a server that was found on this machine."""
    backend = add_found(pk)
    said = _("%(name)s is added; its models appear in a moment.")
    messages.success(request, said % {"name": backend.name})
    return redirect("home")


@require_GET
def better_model(request: HttpRequest) -> HttpResponse:
    """How to get from the starter engine to a model for real work."""
    return render(request, "models_app/better_model.html")
