"""Signing in and out, accepting an invite, one's own account."""

from typing import Any

from django.contrib import messages
from django.contrib.auth import SESSION_KEY, login
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm
from django.contrib.auth.views import (
    LoginView,
    LogoutView,
    PasswordChangeView,
    PasswordResetConfirmView,
)
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse_lazy
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from dashboard.people.forms import NewcomerForm
from dashboard.people.models import User
from dashboard.people.services import accept_invite, end_sessions, open_invite

BACKEND = "django.contrib.auth.backends.ModelBackend"


class SignIn(LoginView):
    """The log-in form; after too many wrong passwords it says how long to wait."""

    template_name = "people/login.html"
    redirect_authenticated_user = True

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Whoever still has the session of a disabled account is told so."""
        pk = self.request.session.get(SESSION_KEY, 0)
        disabled = User.objects.filter(pk=pk, is_active=False).exists()
        return {**super().get_context_data(**kwargs), "disabled": disabled}

    def form_invalid(self, form: AuthenticationForm) -> HttpResponse:
        locked = getattr(self.request, "axes_locked_out", False)
        context = self.get_context_data(form=form, locked=locked)
        return self.render_to_response(context, status=429 if locked else 422)


@login_not_required
@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def invite(request: HttpRequest, token: str) -> HttpResponse:
    """Show the invite; a POST makes the account and signs in."""
    invited = open_invite(token)
    form = NewcomerForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        newcomer = accept_invite(token, newcomer=form.save(commit=False))
        login(request, newcomer, backend=BACKEND)
        return redirect("home")
    context = {"form": form, "invite": invited}
    status = 422 if form.is_bound else 200
    return render(request, "people/invite.html", context, status=status)


class SignOut(LogoutView):
    """Signs out, and closes the sockets that were opened by this session."""

    def post(
        self, request: HttpRequest, *args: object, **kwargs: object
    ) -> HttpResponse:
        person = request.user
        response = super().post(request, *args, **kwargs)
        if isinstance(person, User):
            end_sessions(person)
        return response


def account(request: HttpRequest) -> HttpResponse:
    return render(request, "people/account.html")


class ChangePassword(PasswordChangeView):
    template_name = "people/password.html"
    success_url = reverse_lazy("account")

    def form_valid(self, form: PasswordChangeForm) -> HttpResponse:
        response = super().form_valid(form)
        end_sessions(form.user)
        messages.success(
            self.request, _("Your password is changed. Other devices are signed out.")
        )
        return response


@method_decorator(login_not_required, name="dispatch")
class ResetPassword(PasswordResetConfirmView):
    """The page behind an administrator's reset link."""

    template_name = "people/reset.html"
    success_url = reverse_lazy("login")

    def form_valid(self, form: object) -> HttpResponse:
        response = super().form_valid(form)  # type: ignore[arg-type]
        if self.user:
            end_sessions(self.user)
        messages.success(self.request, _("Your new password is set. Sign in with it."))
        return response
