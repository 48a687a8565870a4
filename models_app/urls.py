from django.urls import path

from models_app.views import inventory, servers

urlpatterns = [
    path("models/", inventory.models, name="models"),
    path("models/better/", servers.better_model, name="better-model"),
    path("servers/found/<int:pk>/add/", servers.add_server, name="server-add"),
]
