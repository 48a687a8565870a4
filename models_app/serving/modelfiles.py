"""Reading the Modelfile of a model where it is."""

import asyncio

from dashboard.errors import BackendSilent, NothingToAnswer
from dashboard.live.db import in_db
from dashboard.people.models import User
from models_app.adapters import adapter_for
from models_app.adapters.base import Can
from models_app.adapters.client import open_client
from models_app.inventory import closed_models, servers_for
from models_app.modelfile.edit import with_values
from models_app.modelfile.grammar import FROM
from models_app.modelfile.understand import plain
from models_app.models import Backend
from models_app.sealing import unseal
from models_app.services.pulls import server_that_can
from models_app.snapshot import name_key

SECONDS = 10


async def modelfile_on(
    server: int, model: str, *, person: User, seconds: float = SECONDS
) -> str:
    """The Modelfile of a model that the person may use, with FROM naming that model.

    Raises a `BackendError`; it is waited for no longer than `seconds`.
    """
    backend = await in_db(_server)(server, model, person)
    key = unseal(backend.sealed_key, server=backend.name)
    try:
        async with (
            asyncio.timeout(seconds),
            open_client(backend.base_url, key=key) as client,
        ):
            adapter = adapter_for(backend.kind, client, server=backend.name)
            text = await adapter.modelfile(model)
    except TimeoutError as late:
        raise BackendSilent(server=backend.name, seconds=round(seconds)) from late
    return based_on(model, plain(text))


def based_on(model: str, text: str) -> str:
    """What a server shows, fit to be used: its own FROM lines name files of its disk."""
    return with_values(with_values(text, FROM, []), FROM, [model])


def _server(server: int, model: str, person: User) -> Backend:
    backend = server_that_can(Can.MODELFILE, server)
    theirs = {each.pk for each in servers_for(person)}
    if backend.pk not in theirs or name_key(model) in closed_models(person):
        raise NothingToAnswer(target=model)
    return backend
