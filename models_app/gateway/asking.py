"""What every question of a program comes to: an ask, and how its answer is written."""

from collections.abc import AsyncGenerator, Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import msgspec

from models_app.adapters.base import Form, Piece
from models_app.gateway.callers import Caller, count_request
from models_app.gateway.writing import Writer, written
from models_app.serving.admission import Admission, admitted
from models_app.serving.ask import Ask, Origin, Step
from models_app.serving.serve import serve

Body = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Asking:
    """An ask, and what writes its answer; without a writer it stays as servers tell it.

    Without an ask, `told` is the answer. `admission` is there once it was let through.
    """

    ask: Ask | None
    form: Form
    writer: Writer | None = None
    told: Mapping[str, Any] = field(default_factory=dict)
    admission: Admission | None = None

    @property
    def key(self) -> int | None:
        """The number of the key for which something is generated."""
        return self.ask.key if self.ask else None

    def steps(self) -> AsyncGenerator[Step, None]:
        """What comes of it, as its dialect has it."""
        if self.ask is None:
            return _told(self.told)
        steps = serve(self.ask, self.admission)
        return written(steps, self.writer) if self.writer else steps


Asked = Callable[[Caller, Body], Asking]
"""What a body asks in one dialect; raises what is wrong with it."""


def let_through(
    caller: Caller, asked: Asked, body: Body, origin: Origin = Origin.API
) -> Asking:
    """What is asked, and who may answer: in one go, for each costs a turn of a thread.

    It takes one of the requests a minute that the key has, or `KeyRequestsSpent`; what
    makes no sense takes none.
    """
    asking = asked(caller, body)
    count_request(caller)
    if asking.ask is None:
        return asking
    ask = replace(asking.ask, origin=origin)
    return replace(asking, ask=ask, admission=admitted(ask))


async def _told(told: Mapping[str, Any]) -> AsyncGenerator[Step, None]:
    yield Piece(msgspec.json.encode(told), streamed=False)
