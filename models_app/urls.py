from django.urls import path

from models_app import views

urlpatterns = [
    path("models/better/", views.better_model, name="better-model"),
    path("servers/found/<int:pk>/add/", views.add_server, name="server-add"),
]
