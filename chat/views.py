"""The pages of the chat; each is whole before any JavaScript runs."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from chat.forms import MessageForm, TeammateForm
from chat.generation import generate
from chat.pages import (
    Context,
    choices,
    new_chat,
    open_conversation,
    people_in,
    side,
)
from chat.queries import conversation_for, line_of, lines_of, message_in
from chat.services.conversations import add_participant
from chat.services.replies import request_stop
from chat.services.turns import begin_turn, start_turn
from dashboard.errors import DashboardError, MessageUnfit
from dashboard.live.background import in_background
from dashboard.live.db import in_db
from dashboard.requests import person_of
from dashboard.sentences import told


@require_GET
@never_cache
def home(request: HttpRequest) -> HttpResponse:
    """A new chat, with the list of the old ones beside it."""
    return render(request, "chat/new.html", new_chat(person_of(request)))


@require_GET
@never_cache
def conversation(request: HttpRequest, pk: int) -> HttpResponse:
    person = person_of(request)
    return render(request, "chat/conversation.html", open_conversation(person, pk))


@require_POST
async def start(request: HttpRequest) -> HttpResponse:
    """Begin a conversation with its first message; a failure gives the text back."""
    person = await in_db(person_of)(request)
    form = MessageForm(request.POST)
    try:
        pk, turn = await in_db(begin_turn)(person, **_valid(form))
    except DashboardError as failure:
        return await in_db(_give_back)(request, form, failure, new_chat(person))
    if turn:
        in_background(generate(turn))
    return redirect("conversation", pk)


@require_POST
async def send(request: HttpRequest, pk: int) -> HttpResponse:
    """Say something where no socket is open; a failure gives the text back."""
    person = await in_db(person_of)(request)
    form = MessageForm(request.POST)
    try:
        turn = await in_db(start_turn)(pk, person=person, **_valid(form))
    except DashboardError as failure:
        context = await in_db(open_conversation)(person, pk)
        return await in_db(_give_back)(request, form, failure, context)
    if turn:
        in_background(generate(turn))
    return redirect("conversation", pk)


@require_POST
def stop(request: HttpRequest, pk: int, message: int) -> HttpResponse:
    request_stop(pk, message_id=message, person=person_of(request))
    return redirect("conversation", pk)


@require_GET
@never_cache
def messages_after(request: HttpRequest, pk: int) -> HttpResponse:
    """The fragment of a conversation's messages, all of them or those after a number."""
    after = request.GET.get("after", "0")
    known = conversation_for(person_of(request), pk)
    lines = lines_of(known, after=int(after) if after.isdigit() else 0)
    context = {"lines": lines, "conversation": known}
    return render(request, "chat/_messages.html", context)


@require_GET
@never_cache
def message(request: HttpRequest, pk: int, message: int) -> HttpResponse:
    known = conversation_for(person_of(request), pk)
    context = {"line": line_of(message_in(known, message)), "conversation": known}
    return render(request, "chat/_message.html", context)


@require_GET
@never_cache
def conversations(request: HttpRequest) -> HttpResponse:
    """The list alone: a page of its own on a phone, a fragment for an open page."""
    here = request.GET.get("here", "")
    context = {
        **side(person_of(request)),
        "here": int(here) if here.isdigit() else None,
    }
    name = "_conversations" if request.GET.get("fragment") else "conversations"
    return render(request, f"chat/{name}.html", context)


@require_GET
@never_cache
def picker(request: HttpRequest) -> HttpResponse:
    """The fragment with what the person may talk to."""
    context = choices(person_of(request), request.GET.get("chosen", ""))
    return render(request, "chat/_picker.html", context)


@require_http_methods(["GET", "POST"])
@never_cache
def people(request: HttpRequest, pk: int) -> HttpResponse:
    """Who is in a conversation; its owner lets teammates in."""
    person = person_of(request)
    known = conversation_for(person, pk)
    form = TeammateForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        added = add_participant(pk, by=person, username=form.cleaned_data["username"])
        messages.success(request, _("%(name)s is in.") % {"name": added.name})
        return redirect("conversation-people", pk)
    context = {**people_in(person, known), "form": form}
    status = 422 if form.is_bound else 200
    return render(request, "chat/people.html", context, status=status)


def _valid(form: MessageForm) -> dict[str, Any]:
    if not form.is_valid():
        raise MessageUnfit(most=form.fields["text"].max_length)  # type: ignore[attr-defined]
    return form.cleaned_data


def _give_back(
    request: HttpRequest, form: MessageForm, failure: DashboardError, context: Context
) -> HttpResponse:
    page = "conversation" if "conversation" in context else "new"
    context = {
        **context,
        "text": form.data.get("text", ""),
        "chosen": form.data.get("target", ""),
        "sentence": told(failure),
    }
    return render(request, f"chat/{page}.html", context, status=failure.status)
