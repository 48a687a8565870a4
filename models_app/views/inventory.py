"""The page of all models on all servers."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from dashboard.requests import number_in, person_of
from models_app.errand_queries import rows_for
from models_app.inventory import SORTS, Wish, inventory_for, servers_for
from models_app.models.language_model import LONGEST_NAME
from models_app.pull_panels import whole_board

PAGE = 100


@require_GET
@never_cache
def models(request: HttpRequest) -> HttpResponse:
    """Every model that the person may use; `?fragment=1` is the table alone.

    `?pull=` fills a name into the form for a new pull, or wish.
    """
    person, wish = person_of(request), _wish(request)
    found = Paginator(inventory_for(person, wish), PAGE)
    page = found.get_page(request.GET.get("page"))
    context = {
        "part": "models",
        "wish": wish,
        "page": page,
        "rows": rows_for(person, list(page.object_list)),
        "servers": servers_for(person),
        "query": request.GET.urlencode(),
    }
    if request.GET.get("fragment"):
        return render(request, "models_app/_models.html", context)
    name = request.GET.get("pull", "")[:LONGEST_NAME]
    whole = {**context, **whole_board(person, name)}
    return render(request, "models_app/models.html", whole)


def _wish(request: HttpRequest) -> Wish:
    given = request.GET
    sort = given.get("sort", "")
    return Wish(
        search=given.get("q", "")[:120],
        server=number_in(request, "server"),
        loaded=given.get("loaded") == "1",
        sort=sort if sort in SORTS else "name",
    )
