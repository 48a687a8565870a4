from django.urls import URLPattern, URLResolver, include, path

from models_app.views import (
    api_keys,
    batches,
    catalogue,
    errands,
    inventory,
    model,
    model_fit,
    preset_editor,
    preset_imports,
    preset_tries,
    presets,
    pull_requests,
    pulls,
    servers,
    usage,
)

of_model: list[URLPattern | URLResolver] = [
    path("", model.model, name="model"),
    path("modelfile/", model.modelfile, name="modelfile"),
    path("fit/", model_fit.model_fit, name="model-fit"),
    path("load/", errands.load, name="model-load"),
    path("unload/", errands.unload, name="model-unload"),
    path("copy/", errands.copy, name="model-copy"),
    path("delete/", errands.delete, name="model-delete"),
]

of_pull: list[URLPattern | URLResolver] = [
    path("stop/", pulls.stop, name="pull-stop"),
    path("retry/", pulls.retry, name="pull-retry"),
    path("dismiss/", pulls.dismiss, name="pull-dismiss"),
]
of_request: list[URLPattern | URLResolver] = [
    path("approve/", pull_requests.approve, name="request-approve"),
    path("decline/", pull_requests.decline, name="request-decline"),
    path("withdraw/", pull_requests.withdraw, name="request-withdraw"),
    path("dismiss/", pull_requests.dismiss, name="news-dismiss"),
]
of_batch: list[URLPattern | URLResolver] = [
    path("cancel/", batches.cancel, name="batch-cancel"),
    path("delete/", batches.delete, name="batch-delete"),
    path("answers/", batches.answers, name="batch-answers"),
    path("errors/", batches.errors, name="batch-errors"),
]
urlpatterns = [
    path("models/", inventory.models, name="models"),
    path("models/catalogue/", catalogue.catalogue, name="catalogue"),
    path(
        "models/catalogue/<str:slug>/",
        catalogue.catalogue_entry,
        name="catalogue-entry",
    ),
    path("models/<int:pk>/", include(of_model)),
    path("models/better/", servers.better_model, name="better-model"),
    path("models/pulls/", pulls.pulls, name="pulls"),
    path("models/pulls/start/", pulls.start, name="pull-start"),
    path("models/pulls/<int:pk>/", include(of_pull)),
    path("models/requests/", pull_requests.requests, name="requests"),
    path("models/requests/ask/", pull_requests.ask, name="request-ask"),
    path("models/requests/<int:pk>/", include(of_request)),
    path("models/news/", pull_requests.news, name="news"),
    path("servers/found/<int:pk>/add/", servers.add_server, name="server-add"),
    path("usage/", usage.usage, name="usage"),
    path("usage/csv/", usage.usage_csv, name="usage-csv"),
    path("usage/house/", usage.house, name="usage-house"),
    path("usage/house/csv/", usage.house_csv, name="usage-house-csv"),
    path("keys/", api_keys.keys, name="keys"),
    path("keys/<int:pk>/revoke/", api_keys.revoke, name="key-revoke"),
    path("batches/", batches.batches, name="batches"),
    path(
        "batches/files/<slug:name>/delete/",
        batches.delete_lone_file,
        name="file-delete",
    ),
    path("batches/<slug:name>/", include(of_batch)),
    path("presets/", presets.presets, name="presets"),
    path("presets/new/", preset_editor.new, name="preset-new"),
    path("presets/check/", preset_editor.check, name="preset-check"),
    path("presets/try/", preset_tries.attempt, name="preset-try"),
    path("presets/import/", preset_imports.take_in, name="preset-import"),
    path("presets/read/", preset_imports.read, name="preset-read"),
    path("presets/<int:pk>/", presets.preset, name="preset"),
    path("presets/<int:pk>/edit/", preset_editor.edit, name="preset-edit"),
    path("presets/<int:pk>/export/", presets.export, name="preset-export"),
    path("presets/<int:pk>/default/", presets.default, name="preset-default"),
    path("presets/<int:pk>/create/", presets.create, name="preset-create"),
    path("presets/<int:pk>/revisions/", presets.revisions, name="preset-revisions"),
    path(
        "presets/<int:pk>/revisions/<int:number>/restore/",
        presets.restore,
        name="preset-restore",
    ),
]
