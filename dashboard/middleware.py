"""The one place where an error of ours becomes a page."""

import logging
import sys

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.deprecation import MiddlewareMixin
from django.views.defaults import server_error

from dashboard.errors import DashboardError, DatabaseAway
from dashboard.live.db import AWAY
from dashboard.sentences import told

log = logging.getLogger(__name__)


class ToldErrorsMiddleware(MiddlewareMixin):
    """Shows a `DashboardError` that a view raised as a page with its own status."""

    def process_exception(
        self, request: HttpRequest, failure: Exception
    ) -> HttpResponse | None:
        if isinstance(failure, (DatabaseAway, *AWAY)):
            return database_away(request, failure)
        if not isinstance(failure, DashboardError):
            return None
        context = {"sentence": told(failure), "status": failure.status}
        response = render(request, "error.html", context, status=failure.status)
        if "retry_after" in failure.facts:
            response["Retry-After"] = str(failure.facts["retry_after"])
        return response


def broken(request: HttpRequest) -> HttpResponse:
    """What was raised on the way to a view, or by one; `handler500` of the house."""
    failure = sys.exc_info()[1]
    if isinstance(failure, (DatabaseAway, *AWAY)):
        return database_away(request, failure)
    return server_error(request)


def database_away(request: HttpRequest, failure: BaseException) -> HttpResponse:
    """A page that needs neither the session nor the person, which are in the database.

    What somebody had typed without JavaScript stands on it.
    """
    log.error("A page was not shown, the database does not answer: %s", failure)
    sentence = told(DatabaseAway())
    page = render_to_string(
        "503.html", {"sentence": sentence, "typed": request.POST.get("text")}
    )
    response = HttpResponse(page, status=DatabaseAway.status)
    response["Retry-After"] = "5"
    # Django would log it once more, with a traceback.
    response._has_been_logged = True  # type: ignore[attr-defined]
    return response
