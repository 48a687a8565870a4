"""Reading the Modelfile of a model where it is."""

from dashboard.errors import BackendCannotDo, NoSuchModel
from dashboard.live.db import in_db
from dashboard.people.models import User
from models_app.abilities import reason_against
from models_app.adapters.base import Can
from models_app.contact import modelfile_of
from models_app.inventory import closed_models, server_for
from models_app.modelfile.edit import with_values
from models_app.modelfile.grammar import FROM
from models_app.modelfile.understand import plain
from models_app.models import LanguageModel
from models_app.snapshot import name_key

SECONDS = 10


async def modelfile_on(
    server: int, model: str, *, person: User, seconds: float = SECONDS
) -> str:
    """The Modelfile of a model that the person may use, with FROM naming that model.

    Raises a `BackendError`; it is waited for no longer than `seconds`.
    """
    listed = await in_db(_listed)(server, model, person)
    return based_on(listed.name, plain(await modelfile_of(listed, seconds=seconds)))


def based_on(model: str, text: str) -> str:
    """What a server shows, fit to be used: its own FROM lines name files of its disk."""
    return with_values(with_values(text, FROM, []), FROM, [model])


def _listed(server: int, model: str, person: User) -> LanguageModel:
    """The model as the server lists it, if the person may use both.

    What is typed never goes to the server: it knows one model under many names.
    """
    backend, key = server_for(person, server), name_key(model.strip())
    if reason := reason_against(backend, Can.MODELFILE):
        raise BackendCannotDo(server=backend.name, detail=reason)
    rows = backend.language_models.filter(listed=True).select_related("backend")
    found = next((each for each in rows if name_key(each.name) == key), None)
    if found is None or key in closed_models(person):
        raise NoSuchModel(server=backend.name, name=model.strip())
    return found
