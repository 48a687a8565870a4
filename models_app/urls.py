from django.urls import URLPattern, URLResolver, include, path

from models_app.views import errands, inventory, model, servers

of_model: list[URLPattern | URLResolver] = [
    path("", model.model, name="model"),
    path("modelfile/", model.modelfile, name="modelfile"),
    path("load/", errands.load, name="model-load"),
    path("unload/", errands.unload, name="model-unload"),
    path("copy/", errands.copy, name="model-copy"),
    path("delete/", errands.delete, name="model-delete"),
]

urlpatterns = [
    path("models/", inventory.models, name="models"),
    path("models/<int:pk>/", include(of_model)),
    path("models/better/", servers.better_model, name="better-model"),
    path("servers/found/<int:pk>/add/", servers.add_server, name="server-add"),
]
