"""The pages of the status."""

from collections.abc import Callable, Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from chat.services.stops import stop_generation
from dashboard.people.models import User
from dashboard.requests import number_in, person_of
from dashboard.status.behind import place_behind
from dashboard.status.board import (
    board_for,
    door_of_board,
    headline_of_board,
    host_of_board,
    mark_of_board,
    servers_of_board,
    troubled_of_board,
)
from dashboard.status.energy import energy_panel
from dashboard.status.history import card_history, spans
from dashboard.status.removed import removed_hosts
from dashboard.status.servers import ServerRow
from dashboard.status.told import status_told
from dashboard.status.words import page_words
from models_app.alerts.queries import open_alerts_for

Context = dict[str, Any]


def _alerts(person: User, request: HttpRequest) -> Context:
    return {"alerts": open_alerts_for(person)}


def _headline(person: User, request: HttpRequest) -> Context:
    return {"headline": headline_of_board()}


def _host(person: User, request: HttpRequest) -> Context:
    return {"host": host_of_board(person, number_in(request, "host"))}


def _servers(person: User, request: HttpRequest) -> Context:
    rows = servers_of_board(person)
    return _of_servers(rows)


def _door(person: User, request: HttpRequest) -> Context:
    return {"door": door_of_board(person)}


def _troubled(person: User, request: HttpRequest) -> Context:
    return {"troubled": troubled_of_board()}


FRAGMENTS: Mapping[str, Callable[[User, HttpRequest], Context]] = {
    "alerts": _alerts,
    "door": _door,
    "headline": _headline,
    "host": _host,
    "servers": _servers,
    "troubled": _troubled,
}


@require_GET
@never_cache
def status(request: HttpRequest) -> HttpResponse:
    """The whole house; `?kiosk` for a wall, `?fragment=` for a part of it."""
    person, part = person_of(request), request.GET.get("fragment", "")
    if part in FRAGMENTS:
        context = FRAGMENTS[part](person, request)
        return render(request, f"status/_{part}.html", context)
    if part == "mark":
        return HttpResponse(mark_of_board(person), content_type="text/plain")
    context = _whole(person)
    if part:
        return render(request, "status/_board.html", context)
    if "kiosk" in request.GET:
        return render(request, "status/kiosk.html", {**context, "kiosk": True})
    context |= {"part": "status", "energy": energy_panel()}
    context["removed"] = removed_hosts(person)
    return render(request, "status/status.html", context)


@require_POST
def stop(request: HttpRequest, ticket: str) -> HttpResponse:
    """End a generation, whosever it is."""
    if stop_generation(ticket, by=person_of(request)):
        said = _(
            "It is being stopped. In a chat the text so far is kept, and whoever reads it "
            "is told that it was you."
        )
        messages.success(request, said)
    else:
        messages.info(request, _("That was over already; nothing was stopped."))
    return redirect("status")


@require_GET
@never_cache
def energy(request: HttpRequest) -> HttpResponse:
    """The fragment of what today and this month took and cost."""
    return render(request, "status/_energy.html", {"energy": energy_panel()})


@require_GET
@never_cache
def status_json(request: HttpRequest) -> JsonResponse:
    return JsonResponse(status_told(person_of(request)))


@require_GET
@never_cache
def card(request: HttpRequest, pk: int) -> HttpResponse:
    """What a card did; `?span=` says over which time."""
    found = card_history(pk, request.GET.get("span", ""))
    context = {"part": "status", "history": found, "spans": spans()}
    return render(request, "status/card.html", context)


@require_GET
@never_cache
def behind(request: HttpRequest, pk: int) -> HttpResponse:
    """The fragment in the head of a conversation."""
    place = place_behind(person_of(request), pk)
    return render(request, "status/_behind.html", {"place": place})


def _of_servers(rows: list[ServerRow]) -> Context:
    up = sum(row.server.up for row in rows)
    return {"servers": rows, "up": up, "down": len(rows) - up}


def _whole(person: User) -> Context:
    board = board_for(person)
    return {
        "board": board,
        "headline": board.headline,
        "troubled": board.troubled,
        "alerts": board.alerts,
        "door": board.door,
        **_of_servers(board.servers),
        "words": page_words(),
    }
