"""What a preset adds to a question that is put by us. Pure."""

from dataclasses import replace

from models_app.adapters.base import ChatRequest
from models_app.modelfile.recipe import Recipe
from models_app.resolve import opening


def of_preset(request: ChatRequest, recipe: Recipe) -> ChatRequest:
    """The question after a preset's; what a program says itself goes before, and its own
    system message takes the place of the preset's."""
    own = any(each.role == "system" for each in request.messages)
    first = opening(recipe, system=not own)
    return replace(
        request,
        messages=(*first, *request.messages),
        parameters={**recipe.parameters, **request.parameters},
    )
