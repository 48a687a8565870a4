"""What a preset adds to a question in Ollama's dialect; what a program says goes before. Pure."""

from models_app.gateway.asking import Body
from models_app.gateway.ollama.fields import options_in
from models_app.modelfile.recipe import Recipe
from models_app.resolve import opening, resolve


def with_options(body: Body, recipe: Recipe, kind: str) -> Body:
    """With the options of a preset, of which those that the program says go before."""
    parameters = resolve(recipe, kind).request.parameters
    if not parameters:
        return body
    return {**body, "options": {**parameters, **options_in(body)}}


def with_opening(body: Body, recipe: Recipe) -> Body:
    """After what a preset begins with; an own system message takes the place of its."""
    said = body["messages"]
    own = any(str(each.get("role")).lower() == "system" for each in said)
    first = [
        {"role": each.role, "content": each.text}
        for each in opening(recipe, system=not own)
    ]
    return {**body, "messages": [*first, *said]} if first else body


def with_system(body: Body, recipe: Recipe) -> Body:
    own = body.get("system")
    return {**body, "system": recipe.system} if recipe.system and not own else body
