"""A recipe as the model that Ollama is asked to make of it."""

import posixpath
from collections.abc import Iterator

from models_app.adapters.base import NewModel
from models_app.modelfile.recipe import Recipe
from models_app.modelfile.troubles import Fault, Trouble


def new_model(recipe: Recipe, *, name: str) -> NewModel:
    """All of it that a request can carry; `uncreatable` tells what it cannot."""
    return NewModel(
        name=name,
        base=recipe.base,
        template=recipe.template,
        system=recipe.system,
        licenses=recipe.licenses,
        parameters=recipe.parameters,
        messages=recipe.messages,
        renderer=recipe.renderer,
        parser=recipe.parser,
        requires=recipe.requires,
    )


def uncreatable(recipe: Recipe, *, folder: str = "") -> tuple[Trouble, ...]:
    """The files that it names: they would have to be where this text is read.

    `folder` is where that would be, for the words that Ollama has for it.
    """
    return tuple(_files(recipe, folder))


def _files(recipe: Recipe, folder: str) -> Iterator[Trouble]:
    named = [("adapter", recipe.adapter), *(("draft", each) for each in recipe.drafts)]
    for name, path in named:
        if path:
            whole = posixpath.normpath(posixpath.join(folder, path))
            message = f"stat {whole}: no such file or directory"
            fault, facts = Fault.FILE_ELSEWHERE, {"name": name, "given": path}
            yield Trouble(*recipe.place_of(name), message, fault, facts)
