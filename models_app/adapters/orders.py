"""Orders to a server: short answers that may take minutes, and must say that all is well."""

import json as json_text
from typing import Any

import httpx

from models_app.adapters.failures import is_page
from models_app.adapters.fetch import answered
from models_app.adapters.shapes import object_in
from models_app.adapters.stream import refusal

SECONDS = 60.0
"""For what is done at once; a load or a search for a model has no limit here."""


async def ordered(
    client: httpx.AsyncClient,
    method: str,
    path: str,
    *,
    params: dict[str, str] | None = None,
    json: dict[str, Any] | None = None,
    seconds: float | None = SECONDS,
) -> httpx.Response:
    """The answer of a server that did as it was told; an `HTTPStatusError` for all else.

    An error with status 200 is one too. The body goes out as ASCII: so no name at all can
    fail to be sent.
    """
    content = None if json is None else json_text.dumps(json).encode()
    headers = {"Content-Type": "application/json"} if content else None
    request = client.build_request(
        method, path, params=params, content=content, headers=headers
    )
    response = await answered(client, request, seconds=seconds)
    refuses = is_page(response) or bool(object_in(response).get("error"))
    if refuses or not response.is_success:
        raise refusal(response)
    return response
