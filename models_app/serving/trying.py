"""Trying a recipe before it is saved: one question to one server, by the same door."""

from collections.abc import AsyncGenerator

from dashboard.people.models import User
from models_app.adapters.base import ChatMessage, ParameterValue
from models_app.modelfile.recipe import Recipe
from models_app.resolve import opening
from models_app.serving.ask import Ask, Step
from models_app.serving.serve import serve

TOKENS = 400
"""How long an answer to a try may be at the most."""


def tried(
    recipe: Recipe, prompt: str, *, server: int, person: User
) -> AsyncGenerator[Step, None]:
    """The steps of the answer, as `serve` has them."""
    ask = Ask(
        person,
        recipe.base,
        (*opening(recipe), ChatMessage("user", prompt)),
        {**recipe.parameters, "num_predict": _limit(recipe)},
        server=server,
    )
    return serve(ask)


def _limit(recipe: Recipe) -> ParameterValue:
    wanted = recipe.parameters.get("num_predict")
    return min(wanted, TOKENS) if isinstance(wanted, int) and wanted > 0 else TOKENS
