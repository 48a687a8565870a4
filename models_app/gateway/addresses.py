"""Addresses as every dialect has them."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from models_app.gateway.answers import Answer, Broken, Refused, broken_event
from models_app.gateway.asking import Asked, let_through
from models_app.gateway.refusals import Refusal
from models_app.gateway.requests import JSON, UNKEPT
from models_app.gateway.visits import sent, visited


def answering(
    asked: Asked, *, broken: Broken = broken_event, refused: Refused = Refusal
) -> Callable[[Request], Awaitable[Answer]]:
    """An address that answers what a body asks, and tells failures so."""

    async def answer(request: Request) -> Answer:
        body = await sent(request)
        asking = await visited(request, let_through, asked, body)
        return Answer(
            asking.steps(),
            form=asking.form,
            broken=broken,
            refused=refused,
            key=asking.key,
        )

    return answer


def as_json(told: Mapping[str, Any]) -> Response:
    return Response(msgspec.json.encode(told), media_type=JSON, headers=UNKEPT)
