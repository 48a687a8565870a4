"""Whether a model that is there fits its server, or another machine."""

from dataclasses import dataclass

from django.contrib.auth.models import AbstractBaseUser
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from models_app.catalogue_entries import entries
from models_app.fit.estimate import fit
from models_app.fit.load import LEAST_WINDOW
from models_app.fit.sizes import size
from models_app.inventory import servers_for
from models_app.model_loads import (
    Known,
    Origin,
    engine_of,
    known_shape,
    quantization_of,
    usual_window,
)
from models_app.models import FitMeasurement, LanguageModel
from models_app.planning import Plan, Planned, Remedied, advice_on, choices_for
from models_app.services.measurements import calibration, slots_of

SHOWN = 10
"""So many of the newest measurements are shown."""
ORIGINS = {
    Origin.SERVER: gettext_noop("Its server told what it is made of."),
    Origin.CATALOGUE: gettext_noop(
        "Its server does not tell what it is made of; by its name it is taken for "
        "%(name)s of the catalogue."
    ),
    Origin.NOBODY: gettext_noop(
        "Its server does not tell what it is made of, and the catalogue has no model of "
        "this name. An administrator can add it there."
    ),
}
NEEDS = gettext_noop("It needs %(need)s. Choose a card to see whether it fits.")


@dataclass(frozen=True, slots=True, kw_only=True)
class FittedModel(Planned):
    """One model under a plan, who told its shape, and what helps where it does not fit."""

    plan: Plan
    known: Known
    advice: list[Remedied]

    @property
    def is_open(self) -> bool:
        """Whether there is a need, but nothing to hold it against."""
        return not self.plan.hardware.is_known and self.fit.need is not None

    @property
    def _whole(self) -> int:
        return (self.fit.need or 1) if self.is_open else super(FittedModel, self)._whole

    @property
    def short(self) -> str:
        if self.is_open:
            return _("needs %(need)s") % {"need": size(self.fit.need or 0)}
        return super(FittedModel, self).short

    @property
    def sentence(self) -> str:
        if self.is_open:
            return _(NEEDS) % {"need": size(self.fit.need or 0)}
        return super(FittedModel, self).sentence

    @property
    def state(self) -> str:
        return "" if self.is_open else super(FittedModel, self).state

    @property
    def origin(self) -> str:
        """Who told what the estimate is made from."""
        entry = self.known.entry
        return _(ORIGINS[self.known.origin]) % {"name": entry.name if entry else ""}


def usual_plan(model: LanguageModel) -> Plan:
    """On its server, with the window that it has there, for as many as it is loaded for."""
    return Plan(
        hardware=model.backend.hardware,
        quantization=quantization_of(model, model.backend),
        window=usual_window(model),
        slots=slots_of(model, model.backend) or 1,
        engine=engine_of(model.backend),
    )


def fitted(model: LanguageModel, plan: Plan) -> FittedModel:
    """Whether it fits under a plan, corrected by what loads here have taught."""
    known, learned = known_shape(model), calibration()
    choices = choices_for(known.entry, entries())
    return FittedModel(
        fit=fit(known.shape, plan.load, plan.hardware.machine, learned),
        entry=known.entry,
        quantization=plan.quantization,
        plan=plan,
        known=known,
        advice=advice_on(known.shape, plan, choices, learned),
    )


def measurements_of(
    person: AbstractBaseUser, model: LanguageModel
) -> list[FitMeasurement]:
    """What this model's content took on the person's servers, the newest first."""
    if not model.mark:
        return []
    theirs = [each.name for each in servers_for(person)]
    rows = FitMeasurement.objects.filter(
        mark=model.mark, server__in=theirs, window__gte=LEAST_WINDOW
    )
    return list(rows.order_by("-measured_at")[:SHOWN])


def slots_in(measurements: list[FitMeasurement]) -> list[FitMeasurement]:
    """One measurement of each server that tells for how many replies at once it reckons:
    one that seems to be made for more, if there is any, else the newest."""
    servers: dict[str, FitMeasurement] = {}
    for each in sorted(measurements, key=lambda row: row.seeming is None):
        servers.setdefault(each.server, each)
    return [each for each in servers.values() if not each.stated or each.slots > 1]
