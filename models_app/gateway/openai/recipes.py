"""What a preset adds to a chat in OpenAI's dialect; what a program says goes before. Pure."""

from models_app.adapters import ADAPTERS
from models_app.adapters.base import ChatRequest
from models_app.adapters.honours import heed
from models_app.gateway.asking import Body
from models_app.gateway.openai.words import PARAMETER_OF, chat_request
from models_app.gateway.recipes import of_preset
from models_app.modelfile.recipe import Recipe
from models_app.resolve import opening


def with_recipe(body: Body, recipe: Recipe, kind: str) -> Body:
    """The words of a program after those of a preset: what it says itself goes before.

    Its own system message takes the place of the preset's, as on Ollama.
    """
    said = body["messages"]
    own = any(each.get("role") in ("system", "developer") for each in said)
    first = [
        {"role": each.role, "content": each.text}
        for each in opening(recipe, system=not own)
    ]
    named = {PARAMETER_OF.get(field) for field in body}
    left = {name: each for name, each in recipe.parameters.items() if name not in named}
    fields = heed(left, ADAPTERS[kind].in_openai()).fields
    return {**fields, **body, "messages": [*first, *said]}


def put_by_us(body: Body, recipe: Recipe, kind: str, model: str) -> ChatRequest | None:
    """The question of a program after a preset's, for a server that heeds more of its
    parameters so than in OpenAI's dialect; None for any other, and for a question that is
    untranslatable."""
    adapter = ADAPTERS[kind]
    # Most presets go without a translation, which takes pictures apart.
    if not heed(recipe.parameters, adapter.in_openai()).unmet:
        return None
    if (request := chat_request(body, model)) is None:
        return None
    whole = of_preset(request, recipe)
    left = {
        name: each
        for name, each in recipe.parameters.items()
        if name not in request.parameters
    }
    said = heed(left, adapter.in_openai())
    ours = heed(left, adapter.honours_for(whole)).parameters
    more = (
        each.name in ours and ours[each.name] != said.parameters.get(each.name)
        for each in said.unmet
    )
    return whole if any(more) else None
