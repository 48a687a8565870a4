"""Whether a model that is there fits its server's hardware, and what it really took."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from dashboard.requests import person_of
from models_app.catalogue_forms import PlanForm
from models_app.fit.load import Engine
from models_app.hardware import CPU, Hardware, cards_by_slug
from models_app.inventory import known_model_for
from models_app.models import FitMeasurement, LanguageModel
from models_app.planning import Plan, advice_on, planned_shape
from models_app.services.measurements import calibration, shape_for

SHOWN = 10


@require_GET
@never_cache
def model_fit(request: HttpRequest, pk: int) -> HttpResponse:
    """The sum by part, against the card that is chosen, and the measured loads."""
    model = known_model_for(person_of(request), pk)
    form = PlanForm(request.GET, _usual(model))
    plan, shape = form.plan, shape_for(model)
    context: dict[str, object] = {
        "part": "models",
        "model": model,
        "server": model.backend,
        "form": form,
        "plan": plan,
        "measurements": _measurements(model),
    }
    if shape:
        learned = calibration()
        context["row"] = planned_shape(shape, plan, learned)
        context["advice"] = advice_on(shape, plan, learned)
    status = 422 if form.errors else 200
    return render(request, "models_app/model_fit.html", context, status=status)


def _usual(model: LanguageModel) -> Plan:
    """As it is, or would be, loaded on its server."""
    server, usual = model.backend, Plan()
    known = server.card in cards_by_slug() or server.card == CPU
    return Plan(
        hardware=Hardware(server.card, server.card_count) if known else usual.hardware,
        quantization=model.quantization or usual.quantization,
        window=model.window or min(model.context or usual.window, usual.window),
        engine=Engine(server.kind) if server.kind in [*Engine] else None,
    )


def _measurements(model: LanguageModel) -> list[FitMeasurement]:
    if not model.mark:
        return []
    rows = FitMeasurement.objects.filter(mark=model.mark).order_by("-measured_at")
    return list(rows[:SHOWN])
