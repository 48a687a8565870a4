"""Whether a model that is there fits: on its server, or on a machine that one chooses."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from dashboard.requests import person_of
from models_app.catalogue_forms import ModelPlanForm
from models_app.inventory import known_model_for
from models_app.model_fit import fitted, measurements_of, slots_in, usual_plan


@require_GET
@never_cache
def model_fit(request: HttpRequest, pk: int) -> HttpResponse:
    """The sum by part and the measured loads; `?fragment=1` is the answer alone."""
    person = person_of(request)
    model = known_model_for(person, pk)
    form = ModelPlanForm(request.GET, usual_plan(model))
    plan = form.plan
    row = fitted(model, plan)
    measurements = measurements_of(person, model)
    context = {
        "part": "models",
        "model": model,
        "server": model.backend,
        "form": form,
        "plan": plan,
        "row": row,
        "advice": row.advice,
        "measurements": measurements,
        "slots": slots_in(measurements),
    }
    fragment = request.GET.get("fragment")
    template = "models_app/_model_fit.html" if fragment else "models_app/model_fit.html"
    return render(request, template, context, status=422 if form.errors else 200)
