"""An error of ours as a page."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from dashboard.errors import DashboardError, NotAllowed, PlacesSpent
from dashboard.middleware import ToldErrorsMiddleware


def page_of(error: DashboardError, rf: RequestFactory) -> HttpResponse:
    def view(request: HttpRequest) -> HttpResponse:
        raise AssertionError

    request = rf.get("/")
    request.user = AnonymousUser()
    page = ToldErrorsMiddleware(view).process_exception(request, error)
    assert page is not None
    return page


@pytest.mark.django_db
def test_a_spent_quota_says_when_to_ask_again(rf: RequestFactory) -> None:
    page = page_of(PlacesSpent(limit=2, retry_after=5), rf)

    assert (page.status_code, page["Retry-After"]) == (429, "5")
    assert "2 replies at once" in page.content.decode()


@pytest.mark.django_db
def test_what_does_not_pass_by_itself_says_no_time(rf: RequestFactory) -> None:
    assert "Retry-After" not in page_of(NotAllowed(), rf)
