"""Giving a conversation another title, and deleting it."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from chat.forms import TitleForm
from chat.pages import open_conversation, side
from chat.queries import owner_of
from chat.services.conversations import delete_conversation, rename_conversation
from dashboard.errors import TitleUnfit
from dashboard.requests import person_of
from dashboard.sentences import told


@require_POST
def title(request: HttpRequest, pk: int) -> HttpResponse:
    """Rename the conversation; a failure gives back what was typed."""
    person, form = person_of(request), TitleForm(request.POST)
    title = form.cleaned_data["title"] if form.is_valid() else ""
    try:
        rename_conversation(pk, title=title, person=person)
    except TitleUnfit as failure:
        context = {
            **open_conversation(person, pk),
            "typed_title": form.data.get("title", ""),
            "title_failure": told(failure),
            # This address takes no GET.
            "next_page": reverse("conversation", args=[pk]),
        }
        return render(request, "chat/conversation.html", context, status=422)
    return redirect("conversation", pk)


@require_http_methods(["GET", "POST"])
@never_cache
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask its owner whether the conversation shall go, and let it go."""
    person = person_of(request)
    if request.method == "POST":
        delete_conversation(pk, person=person)
        messages.success(request, _("The conversation is deleted."))
        return redirect("home")
    conversation = owner_of(person, pk).conversation
    context = {
        **side(person),
        "conversation": conversation,
        "here": pk,
        "count": conversation.messages.count(),
        "people": conversation.participants.count(),
    }
    return render(request, "chat/delete_conversation.html", context)
