from django.urls import path

from dashboard.people import views

urlpatterns = [
    path("login/", views.SignIn.as_view(), name="login"),
    path("logout/", views.SignOut.as_view(), name="logout"),
    path("invite/<str:token>/", views.invite, name="invite"),
    path("account/", views.account, name="account"),
    path("account/password/", views.ChangePassword.as_view(), name="password"),
    path(
        "reset/<uidb64>/<token>/", views.ResetPassword.as_view(), name="password-reset"
    ),
]
