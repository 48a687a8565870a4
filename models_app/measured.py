"""What was measured of models in memory, for estimates and for pages."""

from django.contrib.auth.models import AbstractBaseUser

from models_app.fit.calibration import Calibration
from models_app.inventory import servers_for
from models_app.models import FitMeasurement, LanguageModel

MOST = 500
"""So many of the newest are learnt from."""


def calibration() -> Calibration:
    """What real loads here have taught so far."""
    newest = FitMeasurement.objects.order_by("-measured_at", "-pk")[:MOST]
    return Calibration.of(each.measurement for each in reversed(newest))


def measurements_of(
    person: AbstractBaseUser, model: LanguageModel
) -> list[FitMeasurement]:
    """Those of this model's content on the person's servers, the newest first."""
    if not model.mark:
        return []
    rows = FitMeasurement.objects.filter(
        mark=model.mark, backend__in=servers_for(person)
    )
    return list(rows.select_related("backend").order_by("-measured_at", "-pk"))
