"""Who is in a conversation, who comes in and who goes."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from chat.forms import ShareLinkForm, TeammateForm
from chat.models import Participant
from chat.pages import Context
from chat.people_pages import (
    handing_over,
    invitation,
    leaving,
    people_in,
    removal,
)
from chat.queries import conversation_for, owner_of
from chat.services.people import (
    add_participant,
    change_role,
    hand_over,
    leave_conversation,
    remove_participant,
)
from chat.services.share_links import end_share_link, join_by_link, make_share_link
from dashboard.people.links import show_link
from dashboard.requests import person_of


@require_http_methods(["GET", "POST"])
@never_cache
def people(request: HttpRequest, pk: int) -> HttpResponse:
    """Who is in a conversation; its owner lets teammates in."""
    person = person_of(request)
    form = TeammateForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        sent = form.cleaned_data
        added = add_participant(
            pk, by=person, username=sent["username"], role=sent["role"]
        )
        messages.success(request, _("%(name)s is in.") % {"name": added.name})
        return redirect("conversation-people", pk)
    return _people(request, pk, status=422 if form.is_bound else 200)


@require_POST
def role(request: HttpRequest, pk: int, person: int) -> HttpResponse:
    """Let somebody write, or only read."""
    wanted = request.POST.get("role", "")
    changed = change_role(pk, by=person_of(request), person_id=person, role=wanted)
    said = _("%(name)s may only read now.")
    if wanted == Participant.Role.MEMBER:
        said = _("%(name)s may write now.")
    messages.success(request, said % {"name": changed.name})
    return redirect("conversation-people", pk)


@require_http_methods(["GET", "POST"])
@never_cache
def remove(request: HttpRequest, pk: int, person: int) -> HttpResponse:
    """Ask whether somebody shall go, and take them out."""
    owner = person_of(request)
    if request.method == "GET":
        return _asked(request, removal(owner, pk, person))
    removed = remove_participant(pk, by=owner, person_id=person)
    messages.success(request, _("%(name)s is out.") % {"name": removed.name})
    return redirect("conversation-people", pk)


@require_http_methods(["GET", "POST"])
@never_cache
def hand(request: HttpRequest, pk: int, person: int) -> HttpResponse:
    """Ask whether somebody shall be the owner, and make them that."""
    owner = person_of(request)
    if request.method == "GET":
        return _asked(request, handing_over(owner, pk, person))
    heir = hand_over(pk, by=owner, person_id=person)
    messages.success(request, _("%(name)s is the owner now.") % {"name": heir.name})
    return redirect("conversation-people", pk)


@require_http_methods(["GET", "POST"])
@never_cache
def leave(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask whether the person wants to go, and let them."""
    person = person_of(request)
    if request.method == "GET":
        return _asked(request, leaving(person, pk))
    leave_conversation(pk, person=person)
    messages.success(request, _("You have left the conversation."))
    return redirect("home")


@require_POST
def make_link(request: HttpRequest, pk: int) -> HttpResponse:
    """Make a link and show it, this once."""
    owner = person_of(request)
    owner_of(owner, pk)
    form = ShareLinkForm(request.POST)
    if not form.is_valid():
        return _people(request, pk, status=422)
    path = make_share_link(pk, by=owner, **form.cleaned_data)
    whom = _("new viewers")
    if form.cleaned_data["role"] == Participant.Role.MEMBER:
        whom = _("new members")
    show_link(request, whom, path)
    return redirect("conversation-people", pk)


@require_POST
def end_link(request: HttpRequest, pk: int, link: int) -> HttpResponse:
    end_share_link(pk, by=person_of(request), link_id=link)
    messages.success(request, _("The link has ended."))
    return redirect("conversation-people", pk)


@require_http_methods(["GET", "POST"])
@never_cache
def join(request: HttpRequest, token: str) -> HttpResponse:
    """Say who invites to what; a POST lets the person in."""
    person = person_of(request)
    if request.method == "POST":
        return redirect("conversation", join_by_link(token, person=person))
    return render(request, "chat/join.html", invitation(person, token))


def _people(request: HttpRequest, pk: int, *, status: int) -> HttpResponse:
    person = person_of(request)
    context = people_in(person, conversation_for(person, pk))
    return render(request, "chat/people.html", context, status=status)


def _asked(request: HttpRequest, context: Context) -> HttpResponse:
    return render(request, "chat/ask_first.html", context)
