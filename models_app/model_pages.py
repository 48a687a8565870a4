"""What the page of one model shows, with the forms for what can be done with it."""

from typing import Any

from dashboard.people.models import User
from models_app.adapters.base import Can
from models_app.errand_forms import CopyForm, DeleteForm, FormAboutModel, LoadForm
from models_app.errand_queries import answered_for, doable, recent_errands, undoable
from models_app.inventory import elsewhere
from models_app.model_fit import fitted, measurements_of, slots_in, usual_plan
from models_app.models import LanguageModel
from models_app.snapshot import name_key

FORMS = (LoadForm, CopyForm, DeleteForm)


def facts_of(person: User, model: LanguageModel) -> dict[str, Any]:
    """What changes while the page is open."""
    return {
        "model": model,
        "server": model.backend,
        "can": doable(person, model.backend) if model.listed else frozenset(),
        "elsewhere": elsewhere(person, model),
        "answers": name_key(model.name) in answered_for(person),
        "errands": recent_errands(model),
    }


def page_of(
    person: User, model: LanguageModel, *typed: FormAboutModel
) -> dict[str, Any]:
    """All of the page; `typed` are forms that come back with what was wrong in them."""
    facts, by_what = facts_of(person, model), {each.what: each for each in typed}
    measurements = measurements_of(person, model)
    return {
        **facts,
        "part": "models",
        "cannot": undoable(person, model.backend),
        "has_modelfile": Can.MODELFILE in model.backend.can and model.backend.up,
        "typed": set(by_what),
        "row": fitted(model, usual_plan(model)),
        "measurements": measurements,
        "slots": slots_in(measurements),
        "forms": {
            form.what: by_what.get(form.what) or form(model=model)
            for form in FORMS
            if form.what in facts["can"]
        },
    }
