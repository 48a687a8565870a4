"""The catalogue: models that could be had, and whether they fit a machine."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from dashboard.errors import NotFound
from models_app.catalogue.entry import Entry
from models_app.catalogue_entries import entries, entry_for, row_of
from models_app.catalogue_forms import CatalogueForm, PlanForm
from models_app.planning import (
    advice_for,
    commands_of,
    ladder_of,
    planned,
    planned_all,
)
from models_app.services.measurements import calibration


@require_GET
def catalogue(request: HttpRequest) -> HttpResponse:
    """All models of the catalogue on the chosen machine."""
    form = CatalogueForm(request.GET)
    plan, chosen = form.plan, form.cleaned_data
    rows = planned_all(
        entries(),
        plan,
        calibration(),
        purpose=chosen.get("purpose", ""),
        fitting=chosen.get("fitting", False),
    )
    context = {
        "part": "models",
        "form": form,
        "plan": plan,
        "rows": rows,
        "query": request.GET.urlencode(),
    }
    status = 422 if form.errors else 200
    return render(request, "models_app/catalogue.html", context, status=status)


@require_GET
def catalogue_entry(request: HttpRequest, slug: str) -> HttpResponse:
    """One model: the whole sum, what helps where it does not fit, and what to type."""
    entry = entry_for(slug)
    if entry is None:
        raise NotFound
    form = PlanForm(request.GET)
    plan = form.plan
    learned = calibration()
    row = planned(entry, plan, learned)
    context = {
        "part": "models",
        "form": form,
        "plan": plan,
        "row": row,
        "advice": advice_for(entry, entries(), plan, learned),
        "commands": commands_of(entry, plan, learned),
        "ladder": ladder_of(entry, plan, learned),
        "pull_name": entry.ollama.get(plan.quantization, ""),
        "query": request.GET.urlencode(),
        "admin_address": _admin_address(entry),
    }
    status = 422 if form.errors else 200
    return render(request, "models_app/catalogue_entry.html", context, status=status)


def _admin_address(entry: Entry) -> str:
    """Where an administrator changes it, or puts another in its place."""
    if row := row_of(entry):
        return reverse("admin:models_app_catalogueentry_change", args=[row.pk])
    return f"{reverse('admin:models_app_catalogueentry_add')}?slug={entry.slug}"
