"""What a Modelfile means: typed values, each with the place where it was written."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from models_app.adapters.base import ParameterValue
from models_app.modelfile.commands import Command
from models_app.modelfile.grammar import FROM, MESSAGE, ROLE_END
from models_app.modelfile.parameters import PARAMETERS, Type

Place = tuple[int, int]
"""Line and column, from 1."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """A model to begin with, and what makes another one of it.

    `bases` are all FROM lines: of names the last counts. `messages` are pairs of a role
    and a text. `places` says for each command's name where its value begins to stand;
    a recipe that was never a text has none.
    """

    bases: tuple[str, ...] = ()
    system: str = ""
    template: str = ""
    parameters: Mapping[str, ParameterValue] = field(default_factory=dict)
    messages: tuple[tuple[str, str], ...] = ()
    licenses: tuple[str, ...] = ()
    adapter: str = ""
    drafts: tuple[str, ...] = ()
    renderer: str = ""
    parser: str = ""
    requires: str = ""
    places: Mapping[str, Place] = field(default_factory=dict, compare=False)

    @property
    def base(self) -> str:
        return self.bases[-1] if self.bases else ""

    def place_of(self, name: str) -> Place:
        """Where it says that; (0, 0) when it is nowhere."""
        return self.places.get(name, (0, 0))


def commands_of(recipe: Recipe) -> tuple[Command, ...]:
    """The commands that mean this; converted, they are the same recipe again."""
    texts = (
        *((FROM, each) for each in recipe.bases),
        ("adapter", recipe.adapter),
        *(("draft", each) for each in recipe.drafts),
        ("renderer", recipe.renderer),
        ("parser", recipe.parser),
        ("requires", recipe.requires),
        ("template", recipe.template),
        ("system", recipe.system),
        *_parameters(recipe),
        *((MESSAGE, f"{role}{ROLE_END}{text}") for role, text in recipe.messages),
        *(("license", each) for each in recipe.licenses),
    )
    return tuple(Command(name, args) for name, args in texts if args)


def _parameters(recipe: Recipe) -> list[tuple[str, str]]:
    """In the order of the table, so that two recipes with the same read the same."""
    return [
        (name, text)
        for name, known in PARAMETERS.items()
        if name in recipe.parameters
        for text in _written(known.type, recipe.parameters[name])
    ]


def _written(kind: Type, value: ParameterValue) -> list[str]:
    if kind is Type.TEXTS:
        return [value] if isinstance(value, str) else [*value]  # type: ignore[misc]
    return [str(value).lower() if kind is Type.SWITCH else str(value)]
