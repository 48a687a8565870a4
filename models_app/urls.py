from django.urls import path

from models_app.views import (
    inventory,
    preset_editor,
    preset_imports,
    preset_tries,
    presets,
    servers,
)

urlpatterns = [
    path("models/", inventory.models, name="models"),
    path("models/better/", servers.better_model, name="better-model"),
    path("servers/found/<int:pk>/add/", servers.add_server, name="server-add"),
    path("presets/", presets.presets, name="presets"),
    path("presets/new/", preset_editor.new, name="preset-new"),
    path("presets/check/", preset_editor.check, name="preset-check"),
    path("presets/try/", preset_tries.attempt, name="preset-try"),
    path("presets/import/", preset_imports.take_in, name="preset-import"),
    path("presets/read/", preset_imports.read, name="preset-read"),
    path("presets/<int:pk>/", presets.preset, name="preset"),
    path("presets/<int:pk>/edit/", preset_editor.edit, name="preset-edit"),
    path("presets/<int:pk>/export/", presets.export, name="preset-export"),
    path("presets/<int:pk>/duplicate/", presets.duplicate, name="preset-duplicate"),
    path("presets/<int:pk>/default/", presets.default, name="preset-default"),
    path("presets/<int:pk>/create/", presets.create, name="preset-create"),
    path("presets/<int:pk>/revisions/", presets.revisions, name="preset-revisions"),
    path(
        "presets/<int:pk>/revisions/<int:number>/restore/",
        presets.restore,
        name="preset-restore",
    ),
]
