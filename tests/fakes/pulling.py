"""Reading a pull in tests, and what came of it."""

from collections.abc import AsyncGenerator
from contextlib import aclosing

from models_app.adapters.base import PullStep


async def gathered(
    steps: AsyncGenerator[PullStep, None], *, into: list[PullStep] | None = None
) -> list[PullStep]:
    """All steps; `into` keeps those before a failure."""
    found = [] if into is None else into
    async with aclosing(steps) as stream:
        async for step in stream:
            found.append(step)
    return found


def layers_in(steps: list[PullStep]) -> dict[str, tuple[int | None, int | None]]:
    """The last word on each layer: its bytes in all, and so far."""
    return {each.layer: (each.total, each.completed) for each in steps if each.layer}
