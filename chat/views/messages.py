"""What can be done with the messages of a conversation where no socket is open."""

from functools import partial

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import (
    require_GET,
    require_http_methods,
    require_POST,
)

from chat.forms import MessageForm
from chat.lines import line_in, lines_before, lines_from, newest_lines
from chat.pages import another_model, branch_to_delete, open_conversation, other_words
from chat.queries import message_in, place_of
from chat.responses import answered, give_back, refused, words_of
from chat.services.again import continue_reply, retry_reply
from chat.services.branches import delete_branch
from chat.services.places import choose_branch
from chat.services.replies import request_stop
from chat.services.turns import How, start_turn
from dashboard.errors import DashboardError, NothingToAnswer
from dashboard.live.db import in_db
from dashboard.requests import number_in, person_of, row_number


@require_GET
@never_cache
def messages(request: HttpRequest, pk: int) -> HttpResponse:
    """The fragment of the person's branch: its end, or what an address asks for.

    `?after=` a message, `?from=` one on, or `?before=` one.
    """
    place = place_of(person_of(request), pk)
    if before := number_in(request, "before"):
        stretch = lines_before(place, before)
    elif after := number_in(request, "after"):
        stretch = lines_from(place, after, besides=True)
    elif first := number_in(request, "from"):
        stretch = lines_from(place, first)
    else:
        stretch = newest_lines(place)
    context = {"stretch": stretch, "place": place, "conversation": place.conversation}
    return render(request, "chat/_messages.html", context)


@require_GET
@never_cache
def message(request: HttpRequest, pk: int, message: int) -> HttpResponse:
    place = place_of(person_of(request), pk)
    line = line_in(message_in(place.conversation, message))
    context = {"line": line, "place": place, "conversation": place.conversation}
    return render(request, "chat/_message.html", context)


@require_POST
async def send(request: HttpRequest, pk: int) -> HttpResponse:
    """Say something where no socket is open; a failure gives the text back."""
    person = await in_db(person_of)(request)
    form = MessageForm(request.POST)
    try:
        await answered(partial(start_turn, pk, person=person, words=words_of(form)))
    except DashboardError as failure:
        context = await in_db(open_conversation)(person, pk)
        return await in_db(give_back)(request, form, failure, context)
    return redirect("conversation", pk)


@require_GET
@never_cache
def edit(request: HttpRequest, pk: int, message: int) -> HttpResponse:
    """Other words for a message: they begin a branch beside it."""
    context = other_words(person_of(request), pk, message, how=How.EDIT)
    return render(request, "chat/other_words.html", context)


@require_GET
@never_cache
def branch(request: HttpRequest, pk: int, message: int) -> HttpResponse:
    """Another way on from a message: a branch under it."""
    context = other_words(person_of(request), pk, message, how=How.BRANCH)
    return render(request, "chat/other_words.html", context)


@require_POST
def choose(request: HttpRequest, pk: int, message: int) -> HttpResponse:
    choose_branch(pk, message_id=message, person=person_of(request))
    return redirect("conversation", pk)


@require_http_methods(["GET", "POST"])
@never_cache
def delete(request: HttpRequest, pk: int, message: int) -> HttpResponse:
    """Ask whether a branch shall go, and let it go."""
    person = person_of(request)
    if request.method == "POST":
        delete_branch(pk, message_id=message, person=person)
        return redirect("conversation", pk)
    context = branch_to_delete(person, pk, message)
    return render(request, "chat/delete_branch.html", context)


@require_POST
def stop(request: HttpRequest, pk: int, message: int) -> HttpResponse:
    request_stop(pk, message_id=message, person=person_of(request))
    return redirect("conversation", pk)


@require_GET
@never_cache
def again(request: HttpRequest, pk: int, message: int) -> HttpResponse:
    """A reply, and the choice of who shall answer instead."""
    context = another_model(person_of(request), pk, message)
    return render(request, "chat/again.html", context)


@require_POST
async def retry(request: HttpRequest, pk: int, message: int) -> HttpResponse:
    """Ask for another reply; where nothing answers, the person chooses anew."""
    person = await in_db(person_of)(request)
    asked = partial(
        retry_reply,
        pk,
        message_id=message,
        person=person,
        target=request.POST.get("target", ""),
        window=row_number(request.POST.get("window", "")),
    )
    try:
        await answered(asked)
    except NothingToAnswer as failure:
        context = await in_db(another_model)(person, pk, message)
        return await in_db(refused)(request, "again", failure, context)
    except DashboardError as failure:
        context = await in_db(open_conversation)(person, pk)
        return await in_db(refused)(request, "conversation", failure, context)
    return redirect("conversation", pk)


@require_POST
async def go_on(request: HttpRequest, pk: int, message: int) -> HttpResponse:
    """Have a reply written on from where it broke off."""
    person = await in_db(person_of)(request)
    try:
        await answered(partial(continue_reply, pk, message_id=message, person=person))
    except DashboardError as failure:
        context = await in_db(open_conversation)(person, pk)
        return await in_db(refused)(request, "conversation", failure, context)
    return redirect("conversation", pk)
