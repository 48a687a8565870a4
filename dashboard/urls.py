"""Every address of the house."""

from django.contrib import admin
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import include, path, reverse
from django.views.i18n import set_language

from dashboard.errors import NotAllowed
from dashboard.health import healthz
from dashboard.middleware import broken

handler500 = broken


@login_not_required
def admin_login(request: HttpRequest) -> HttpResponse:
    """One door for signing in; whoever is in already has no business in the admin."""
    if request.user.is_authenticated:
        raise NotAllowed
    return redirect(f"{reverse('login')}?{request.GET.urlencode()}")


urlpatterns = [
    path("healthz", healthz, name="healthz"),
    path("language/", login_not_required(set_language), name="set_language"),
    path("admin/login/", admin_login),
    path("admin/", admin.site.urls),
    path("", include("dashboard.people.urls")),
    path("", include("models_app.urls")),
    path("", include("dashboard.status.urls")),
    path("", include("chat.urls")),
]
