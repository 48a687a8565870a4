"""The one place where an error of ours becomes a page."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.deprecation import MiddlewareMixin

from dashboard.errors import DashboardError
from dashboard.sentences import told


class ToldErrorsMiddleware(MiddlewareMixin):
    """Shows a `DashboardError` that a view raised as a page with its own status."""

    def process_exception(
        self, request: HttpRequest, failure: Exception
    ) -> HttpResponse | None:
        if not isinstance(failure, DashboardError):
            return None
        context = {"sentence": told(failure), "status": failure.status}
        return render(request, "error.html", context, status=failure.status)
