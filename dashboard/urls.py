"""Every address of the house."""

from django.contrib import admin
from django.contrib.auth.decorators import login_not_required
from django.urls import include, path
from django.views.generic import RedirectView
from django.views.i18n import set_language

from dashboard.health import healthz

urlpatterns = [
    path("healthz", healthz, name="healthz"),
    path("language/", login_not_required(set_language), name="set_language"),
    # One door for signing in, with its throttle.
    path(
        "admin/login/",
        login_not_required(
            RedirectView.as_view(pattern_name="login", query_string=True)
        ),
    ),
    path("admin/", admin.site.urls),
    path("", include("dashboard.people.urls")),
    path("", include("models_app.urls")),
    path("", include("chat.urls")),
]
