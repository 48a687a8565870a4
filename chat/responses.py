"""What the pages of the chat answer with when a form was sent."""

import asyncio
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from chat.forms import MessageForm
from chat.generation import begin_writing
from chat.models import Conversation
from chat.pages import Context, choices
from chat.services.turns import Spot, Turn, Words
from dashboard.errors import DashboardError, MessageUnfit
from dashboard.live.background import in_background
from dashboard.live.db import in_db
from dashboard.requests import person_of
from dashboard.sentences import told


async def answered(opens: Callable[[], Turn | None]) -> None:
    """Open a reply and have it written, even if whoever asked leaves the page now."""

    async def work() -> None:
        begin_writing(await in_db(opens)())

    await asyncio.shield(in_background(work()))


def words_of(form: MessageForm) -> Words:
    """What the person sent; `MessageUnfit` for a text that cannot be kept."""
    if not form.is_valid():
        raise MessageUnfit(most=settings.MESSAGE_MAX_LENGTH)
    sent: dict[str, Any] = form.cleaned_data
    spot = Spot(sent["at"], sent["how"])
    return Words(sent["text"], sent["key"], sent["target"], spot)


def give_back(
    request: HttpRequest, form: MessageForm, failure: DashboardError, context: Context
) -> HttpResponse:
    """The page again, with what was typed and the sentence of what failed."""
    page = "conversation" if "conversation" in context else "new"
    typed = {name: form.data.get(name, "") for name in ("text", "at", "how", "key")}
    if target := form.data.get("target", ""):
        context = {**context, **choices(person_of(request), target)}
    return refused(request, page, failure, {**context, **typed})


def refused(
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
