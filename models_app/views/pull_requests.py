"""What members ask to have pulled: asked, answered and told on the models page."""

from collections.abc import Callable

from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from dashboard.errors import AlreadyThere, BackendError, NotFound, PullError
from dashboard.people.models import User
from dashboard.requests import person_of
from models_app.forms import AnswerForm, WishForm
from models_app.pull_panels import (
    answered_form,
    news_panel,
    requests_panel,
    wish_form,
)
from models_app.pull_queries import unread_answers, waiting_wishes
from models_app.pullers import puller_servers
from models_app.responses import again, back
from models_app.rights import MAY_PULL
from models_app.services.notices import dismiss_notice
from models_app.services.pull_requests import (
    approve_request,
    ask_for_model,
    decline_request,
    withdraw_request,
)

answerer = permission_required(MAY_PULL, raise_exception=True)
TOLD = (PullError, BackendError)


@require_GET
@never_cache
def requests(request: HttpRequest) -> HttpResponse:
    """The person's own requests, and those they may answer, as a fragment."""
    context = requests_panel(person_of(request))
    return render(request, "models_app/_requests.html", context)


@require_GET
@never_cache
def news(request: HttpRequest) -> HttpResponse:
    """Answers that the person has not seen, as a fragment.

    `?count=1` says how many, and how many wishes wait for theirs.
    """
    person = person_of(request)
    if request.GET.get("count"):
        context = {"unread": unread_answers(person), "wishes": waiting_wishes(person)}
        return render(request, "models_app/_unread.html", context)
    return render(request, "models_app/_news.html", news_panel(person))


@require_POST
def ask(request: HttpRequest) -> HttpResponse:
    """Ask the administrators for a model."""
    person = person_of(request)
    form = WishForm(request.POST, servers=puller_servers(person))
    status = _asked(form, person) if form.is_valid() else 422
    if not status:
        return back(request)
    fragment, context = "models_app/_wish_form.html", wish_form(person, form)
    return again(request, fragment, context, status=status)


@require_POST
@answerer
def approve(request: HttpRequest, pk: int) -> HttpResponse:
    """Have it pulled to the chosen servers, and tell all who asked."""
    person = person_of(request)

    def answer(form: AnswerForm) -> None:
        chosen = form.cleaned_data
        approve_request(pk, by=person, backends=chosen["servers"], word=chosen["word"])

    return _answered(request, pk, answer)


@require_POST
@answerer
def decline(request: HttpRequest, pk: int) -> HttpResponse:
    """Say no, with a word on why."""
    person = person_of(request)
    return _answered(
        request,
        pk,
        lambda form: decline_request(pk, by=person, word=form.cleaned_data["word"]),
    )


@require_POST
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Take one's own wish back, while nobody has answered it."""
    withdraw_request(pk, person=person_of(request))
    return back(request)


@require_POST
def dismiss(request: HttpRequest, pk: int) -> HttpResponse:
    dismiss_notice(pk, person=person_of(request))
    return back(request)


def _asked(form: WishForm, person: User) -> int:
    """The status of what is wrong; 0 when it is asked."""
    wish = form.cleaned_data
    try:
        ask_for_model(
            wish["name"], backend=wish["server"], person=person, why=wish["why"]
        )
    except AlreadyThere as there:
        form.tell(there)
        form.there = str(there.facts["name"])
        return there.status
    except (*TOLD, NotFound) as failure:
        form.tell(failure)
        return failure.status
    return 0


def _answered(
    request: HttpRequest, pk: int, answer: Callable[[AnswerForm], object]
) -> HttpResponse:
    asked = answered_form(person_of(request), pk, request.POST)
    form = asked.form
    if form.is_valid():
        try:
            answer(form)
        except (*TOLD, NotFound) as failure:
            form.tell(failure)
        else:
            return back(request)
    return again(request, "models_app/_answer_form.html", {"each": asked})
