"""A recipe on one kind of server: what is sent, and which of its lines are not heeded.

Pure: what a server takes is data on its adapter, and sentences are translated by whoever
shows them.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from models_app.adapters import ADAPTERS
from models_app.adapters.adapter import Adapter
from models_app.adapters.base import Can, ChatMessage, ChatRequest, Tool
from models_app.adapters.honours import SENTENCES, Heeded, Lapse, heed
from models_app.modelfile.parameters import PARAMETERS
from models_app.modelfile.recipe import Recipe

QUESTION = ChatMessage("user", "?")
"""Stands for the first question of a conversation, where nobody has asked one yet."""
UNDER_WAY = (QUESTION, ChatMessage("assistant", "!"), QUESTION)
"""Stands for any later one."""


@dataclass(frozen=True, slots=True)
class Unheeded:
    """A line that a server does not, or not wholly, do as it says, and why.

    `name` is the command's; `what` is how the line begins. `line` and `column` are 0
    where the recipe was never a text. `sentence` is a message id that `facts` fill.
    """

    name: str
    what: str
    line: int
    column: int
    reason: Lapse
    facts: Mapping[str, str | int] = field(default_factory=dict)

    @property
    def sentence(self) -> str:
        return SENTENCES[self.reason]


@dataclass(frozen=True, slots=True)
class Resolved:
    """What a server is asked, with the parameters it takes; and what it leaves undone."""

    request: ChatRequest
    unheeded: tuple[Unheeded, ...]


def resolve(
    recipe: Recipe,
    kind: str,
    *,
    messages: tuple[ChatMessage, ...] = (),
    model: str = "",
    tools: tuple[Tool, ...] = (),
) -> Resolved:
    """The recipe in front of these messages, for a kind of server.

    Without messages it is told for a conversation's first question. `model` is what the
    server calls the recipe's base, where that is another name.
    """
    adapter = ADAPTERS[kind]
    request = ChatRequest(
        model=model or recipe.base,
        messages=(*opening(recipe), *messages),
        parameters=recipe.parameters,
        tools=tools,
    )
    asked = (
        request
        if messages
        else replace(request, messages=(*request.messages, QUESTION))
    )
    heeded = heed(recipe.parameters, adapter.honours_for(asked), adapter.at_start)
    return Resolved(
        request=replace(request, parameters=heeded.parameters),
        unheeded=_unheeded_by(adapter, recipe, heeded),
    )


def unheeded_in(
    request: ChatRequest, recipe: Recipe, kind: str
) -> tuple[Unheeded, ...]:
    """What a kind of server left undone of the recipe that a request was made of."""
    adapter = ADAPTERS[kind]
    honours = adapter.honours_for(request)
    heeded = heed(recipe.parameters, honours, adapter.at_start)
    return _unheeded_by(adapter, recipe, heeded)


def window_of(recipe: Recipe, kind: str) -> int | None:
    """The window that a conversation has on a kind of server because the recipe says so;
    None where it is whatever the model was loaded with."""
    if "num_ctx" not in recipe.parameters:
        return None
    window = resolve(recipe, kind, messages=UNDER_WAY).request.parameters.get("num_ctx")
    return window if isinstance(window, int) else None


def opening(recipe: Recipe, *, system: bool = True) -> tuple[ChatMessage, ...]:
    """The system prompt and the example messages, as a conversation begins with them.

    Without `system`, a system message of one's own takes the place of the recipe's.
    """
    prompt = recipe.system if system else ""
    first = (ChatMessage("system", prompt),) if prompt else ()
    return (*first, *(ChatMessage(role, text) for role, text in recipe.messages))


def _unheeded_by(
    adapter: type[Adapter], recipe: Recipe, heeded: Heeded
) -> tuple[Unheeded, ...]:
    both = (*_parameters(recipe, adapter, heeded), *_lines(recipe, adapter))
    return tuple(sorted(both, key=lambda each: (each.line, each.column)))


def _parameters(
    recipe: Recipe, adapter: type[Adapter], heeded: Heeded
) -> Iterator[Unheeded]:
    for each in heeded.unmet:
        yield _unheeded(recipe, adapter, each.name, each.lapse, **each.facts)


def _lines(recipe: Recipe, adapter: type[Adapter]) -> Iterator[Unheeded]:
    """What no question carries, whoever is asked."""
    makes = Can.CREATE in adapter.can
    of_the_model = Lapse.ON_SERVER if makes else Lapse.OF_THE_MODEL
    of_ollama = Lapse.ON_SERVER if makes else Lapse.OF_OLLAMA
    said = (
        ("template", recipe.template, of_the_model),
        ("renderer", recipe.renderer, of_the_model),
        ("parser", recipe.parser, of_the_model),
        ("requires", recipe.requires, of_ollama),
        ("license", recipe.licenses, Lapse.NO_TEXT),
        ("adapter", recipe.adapter, Lapse.A_FILE),
        ("draft", recipe.drafts, Lapse.A_FILE),
    )
    for name, value, lapse in said:
        if value:
            yield _unheeded(recipe, adapter, name, lapse)


def _unheeded(
    recipe: Recipe, adapter: type[Adapter], name: str, lapse: Lapse, **facts: str | int
) -> Unheeded:
    shown = name if name in PARAMETERS else name.upper()
    what = f"PARAMETER {name}" if name in PARAMETERS else shown
    facts = {"kind": adapter.label, "name": shown, **facts}
    return Unheeded(name, what, *recipe.place_of(name), lapse, facts)
