"""What is written of an answer, and what is passed on beside it."""

from collections.abc import AsyncGenerator, Sequence

from models_app.adapters.base import Loading, Piece, Reading, Text, Usage
from models_app.gateway.writing import written
from models_app.serving.ask import Begun, Done, Queued, Step

WAITS = (Queued(2, 1, "gpu-01"), Begun("gpu-01"), Loading(), Reading())
DONE = Done("stop", Usage(), first_token_ms=1, total_ms=5)


class Shouting:
    """A dialect in which texts are loud, and the end is a dot."""

    def take(self, step: Step) -> bytes:
        if isinstance(step, Text):
            return step.text.upper().encode()
        return b"." if isinstance(step, Done) else b""


async def heard(given: Sequence[Step]) -> list[Step]:
    async def steps() -> AsyncGenerator[Step, None]:
        for each in given:
            yield each

    return [each async for each in written(steps(), Shouting())]


async def test_what_is_waited_for_is_passed_on_beside_what_is_written() -> None:
    said = await heard([*WAITS, Text("hi"), DONE])

    assert said == [*WAITS, Piece(b"HI"), Piece(b"."), DONE]


async def test_nothing_is_passed_on_in_place_of_what_has_no_words() -> None:
    assert await heard([Piece(b"{}")]) == []
