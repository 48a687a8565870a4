"""The pages around a conversation: a new one, an open one, the list."""

import asyncio

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from chat.affected import troubles_in
from chat.forms import MessageForm
from chat.generation import begin_writing
from chat.listing import Cursor, Wish
from chat.pages import choices, head_of, new_chat, open_conversation, side
from chat.responses import give_back, words_of
from chat.services.places import see
from chat.services.turns import Words, begin_turn
from dashboard.errors import DashboardError
from dashboard.live.background import in_background
from dashboard.live.db import in_db
from dashboard.people.models import User
from dashboard.requests import number_in, person_of


@require_GET
@never_cache
def home(request: HttpRequest) -> HttpResponse:
    """A new chat, with the list of the old ones beside it; `?target=` proposes a model."""
    if request.GET.get("left"):
        messages.info(request, _("You are not in that conversation any more."))
        return redirect("home")
    wished = request.GET.get("target", "")
    return render(request, "chat/new.html", new_chat(person_of(request), wished))


@require_GET
@never_cache
def conversation(request: HttpRequest, pk: int) -> HttpResponse:
    """The newest messages of the person's branch; `?before=` shows earlier ones."""
    person, before = person_of(request), number_in(request, "before")
    context = open_conversation(person, pk, before=before)
    if (leaf := context["stretch"].leaf) and not before:
        see(pk, message_id=leaf, person=person)
    return render(request, "chat/conversation.html", context)


@require_GET
@never_cache
def head(request: HttpRequest, pk: int) -> HttpResponse:
    """The fragment above the messages: the title, who is in, what one should know."""
    return render(request, "chat/_head.html", head_of(person_of(request), pk))


@require_GET
@never_cache
def affected(request: HttpRequest, pk: int) -> HttpResponse:
    """The fragment above the composer: what slows down or stops replies just now."""
    troubles = troubles_in(person_of(request), pk)
    return render(request, "chat/_affected.html", {"troubles": troubles})


@require_POST
async def start(request: HttpRequest) -> HttpResponse:
    """Begin a conversation with its first message; a failure gives the text back."""
    person = await in_db(person_of)(request)
    form = MessageForm(request.POST)
    try:
        words = words_of(form)
        # Whoever leaves the page now must not leave a reply behind that nobody writes.
        pk = await asyncio.shield(in_background(_begin(person, words)))
    except DashboardError as failure:
        context = await in_db(new_chat)(person)
        return await in_db(give_back)(request, form, failure, context)
    return redirect("conversation", pk)


@require_GET
@never_cache
def conversations(request: HttpRequest) -> HttpResponse:
    """The list alone: a page of its own on a phone, a fragment for an open page.

    `?q=` searches the titles, `?before=` goes on from a cursor, `?pages=` shows more.
    """
    wish = Wish(
        search=request.GET.get("q", "").strip(),
        before=Cursor.read(request.GET.get("before", "")),
        pages=number_in(request, "pages"),
    )
    context = {**side(person_of(request), wish), "here": number_in(request, "here")}
    name = "_conversations" if request.GET.get("fragment") else "conversations"
    return render(request, f"chat/{name}.html", context)


@require_GET
@never_cache
def picker(request: HttpRequest) -> HttpResponse:
    """The fragment with what the person may talk to."""
    context = choices(person_of(request), request.GET.get("chosen", ""))
    return render(request, "chat/_picker.html", context)


async def _begin(person: User, words: Words) -> int:
    pk, turn = await in_db(begin_turn)(person, words=words)
    begin_writing(turn)
    return pk
