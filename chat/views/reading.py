"""What an administrator reads who has said why; nobody else finds the page."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from chat.people_pages import reading_of
from dashboard.requests import number_in, person_of


@require_GET
@never_cache
def reading(request: HttpRequest, pk: int) -> HttpResponse:
    """The newest branch, or that of `?at=` a message; `?before=` shows earlier ones."""
    at, before = number_in(request, "at"), number_in(request, "before")
    context = reading_of(person_of(request), pk, at=at, before=before)
    return render(request, "chat/reading.html", context)
