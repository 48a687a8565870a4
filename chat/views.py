"""The pages of the chat; each is whole before any JavaScript runs."""

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from chat.forms import MessageForm, TeammateForm
from chat.generation import begin_writing
from chat.models import Conversation
from chat.pages import (
    Context,
    another_model,
    choices,
    new_chat,
    open_conversation,
    people_in,
    side,
)
from chat.queries import conversation_for, line_of, lines_of, message_in
from chat.services.again import continue_reply, retry_reply
from chat.services.conversations import add_participant
from chat.services.replies import request_stop
from chat.services.turns import Turn, begin_turn, start_turn
from dashboard.errors import DashboardError, MessageUnfit, NothingToAnswer
from dashboard.live.background import in_background
from dashboard.live.db import in_db
from dashboard.people.models import User
from dashboard.requests import person_of
from dashboard.sentences import told

LONGEST_NUMBER = 19


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
        said = _valid(form)
        # Whoever leaves the page now must not leave a reply behind that nobody writes.
        pk = await asyncio.shield(in_background(_begin(person, said)))
    except DashboardError as failure:
        context = await in_db(new_chat)(person)
        return await in_db(_give_back)(request, form, failure, context)
    return redirect("conversation", pk)


@require_POST
async def send(request: HttpRequest, pk: int) -> HttpResponse:
    """Say something where no socket is open; a failure gives the text back."""
    person = await in_db(person_of)(request)
    form = MessageForm(request.POST)
    try:
        said = _valid(form)
        await _answered(partial(start_turn, pk, person=person, **said))
    except DashboardError as failure:
        context = await in_db(open_conversation)(person, pk)
        return await in_db(_give_back)(request, form, failure, context)
    return redirect("conversation", pk)


@require_POST
def stop(request: HttpRequest, pk: int, message: int) -> HttpResponse:
    request_stop(pk, message_id=message, person=person_of(request))
    return redirect("conversation", pk)


@require_GET
@never_cache
def again(request: HttpRequest, pk: int, message: int) -> HttpResponse:
    """What broke off, and the choice of who shall answer instead."""
    context = another_model(person_of(request), pk, message)
    return render(request, "chat/again.html", context)


@require_POST
async def retry(request: HttpRequest, pk: int, message: int) -> HttpResponse:
    """Ask for another reply; where nothing answers, the person chooses anew."""
    person = await in_db(person_of)(request)
    target = request.POST.get("target", "")
    asked = partial(retry_reply, pk, message_id=message, person=person, target=target)
    try:
        await _answered(asked)
    except NothingToAnswer as failure:
        context = await in_db(another_model)(person, pk, message)
        return await in_db(_refused)(request, "again", failure, context)
    except DashboardError as failure:
        context = await in_db(open_conversation)(person, pk)
        return await in_db(_refused)(request, "conversation", failure, context)
    return redirect("conversation", pk)


@require_POST
async def go_on(request: HttpRequest, pk: int, message: int) -> HttpResponse:
    """Have a reply written on from where it broke off."""
    person = await in_db(person_of)(request)
    try:
        await _answered(partial(continue_reply, pk, message_id=message, person=person))
    except DashboardError as failure:
        context = await in_db(open_conversation)(person, pk)
        return await in_db(_refused)(request, "conversation", failure, context)
    return redirect("conversation", pk)


@require_GET
@never_cache
def messages_after(request: HttpRequest, pk: int) -> HttpResponse:
    """The fragment of a conversation's messages, all of them or those after a number."""
    known = conversation_for(person_of(request), pk)
    lines = lines_of(known, after=_number(request, "after") or 0)
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
    context = {**side(person_of(request)), "here": _number(request, "here")}
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


async def _begin(person: User, said: dict[str, Any]) -> int:
    pk, turn = await in_db(begin_turn)(person, **said)
    begin_writing(turn)
    return pk


async def _answered(opens: Callable[[], Turn | None]) -> None:
    """Open a reply and have it written, even if whoever asked leaves the page now."""

    async def work() -> None:
        begin_writing(await in_db(opens)())

    await asyncio.shield(in_background(work()))


def _valid(form: MessageForm) -> dict[str, Any]:
    if not form.is_valid():
        raise MessageUnfit(most=settings.MESSAGE_MAX_LENGTH)
    return form.cleaned_data


def _give_back(
    request: HttpRequest, form: MessageForm, failure: DashboardError, context: Context
) -> HttpResponse:
    page = "conversation" if "conversation" in context else "new"
    typed = {"text": form.data.get("text", "")}
    if target := form.data.get("target", ""):
        context = {**context, **choices(person_of(request), target)}
    return _refused(request, page, failure, {**context, **typed})


def _refused(
    request: HttpRequest, page: str, failure: DashboardError, context: Context
) -> HttpResponse:
    """The page with the sentence of what failed, in place."""
    context = {
        **context,
        # This address takes no GET: after a switch of the language one comes back here.
        "next_page": _page_of(context),
        "sentence": told(failure),
    }
    return render(request, f"chat/{page}.html", context, status=failure.status)


def _page_of(context: Context) -> str:
    conversation = context.get("conversation")
    if isinstance(conversation, Conversation):
        return reverse("conversation", args=[conversation.pk])
    return reverse("home")


def _number(request: HttpRequest, name: str) -> int | None:
    """A number of a row from the address; None for anything else."""
    given = request.GET.get(name, "")
    return int(given) if given.isdecimal() and len(given) < LONGEST_NUMBER else None
