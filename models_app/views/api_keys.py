"""The page of one's own keys: made, shown once, revoked, and how programs use them."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from dashboard.errors import KeyNameTaken, NotFound
from dashboard.people.models import User
from dashboard.requests import person_of
from models_app.call_examples import examples_for
from models_app.key_forms import KeyForm
from models_app.key_queries import is_over, keys_of, name_to_try, names_for, shown_key
from models_app.responses import UNFIT
from models_app.services.api_keys import NewKey, make_key, revoke_key


@require_http_methods(["GET", "POST"])
@never_cache
def keys(request: HttpRequest) -> HttpResponse:
    """One's keys; the answer to a POST shows the secret of the new one, and nothing else
    ever does: it is in no session and no address, and no cache may store it."""
    person = person_of(request)
    names = names_for(person)
    form = KeyForm(request.POST if request.method == "POST" else None, names=names)
    made = _made(person, form) if form.is_valid() else None
    context = _page(person, KeyForm(names=names) if made else form, made)
    unfit = form.is_bound and made is None
    return render(
        request, "models_app/keys.html", context, status=UNFIT if unfit else 200
    )


@require_POST
def revoke(request: HttpRequest, pk: int) -> HttpResponse:
    """End one of one's own keys; one that is none is not there."""
    person = person_of(request)
    key = shown_key(person, pk)
    if key is None:
        raise NotFound
    revoke_key(key, by=person)
    said = _("“%(name)s” is revoked. Whatever uses it is refused within a second.")
    messages.success(request, said % {"name": key.name})
    return redirect("keys")


def _made(person: User, form: KeyForm) -> NewKey | None:
    """The new key, or None with the reason in the form."""
    try:
        name = form.cleaned_data["name"]
        return make_key(person, name, **form.wanted(timezone.now()))
    except KeyNameTaken as failure:
        form.tell(failure)
        return None


def _page(person: User, form: KeyForm, made: NewKey | None) -> dict[str, Any]:
    now = timezone.now()
    model = name_to_try(person, made.key.allowed_models if made else [])
    return {
        "part": "keys",
        "form": form,
        "made": made,
        "rows": [{"key": each, "over": is_over(each, now)} for each in keys_of(person)],
        "house": settings.PADDOCK_URL,
        "model": model,
        "examples": examples_for(model, made.secret if made else "") if model else [],
    }
