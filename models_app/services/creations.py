"""Making a model of a preset on a server that can."""

import re
import unicodedata

from django.db import transaction

from dashboard.errors import ModelThere, NamesAFile, NotFound
from dashboard.people.models import User
from models_app.inventory import server_for
from models_app.modelfile.create import uncreatable
from models_app.modelfile.understand import understood
from models_app.models import Backend, LanguageModel, Preset
from models_app.pullers import key_for
from models_app.services.new_names import check_base, check_new_name
from models_app.services.pulls import start_creation
from models_app.snapshot import name_key

UNFIT = re.compile(r"[^a-z0-9._]+")


@transaction.atomic
def create_model(
    preset_id: int, *, backend: int, name: str, by: User, replace: bool = False
) -> int:
    """Have a server make a model of a preset; the number of the pull that does it.

    Raises `ModelThere` for a name that is taken, unless it may be replaced; `NamesAFile`
    for what no request can carry; and what `start_pull` raises.
    """
    preset = Preset.objects.filter(pk=preset_id).first()
    if preset is None:
        raise NotFound
    server = server_for(by, backend)
    check_base(preset.model, server, by=by)
    for trouble in uncreatable(understood(preset.text).recipe):
        raise NamesAFile(line=trouble.line, given=str(trouble.facts["given"]))
    check_new_name(name, server, by=by)
    if not replace:
        _check_free(name, server)
    return start_creation(
        name, backend=backend, modelfile=preset.text, preset=preset.pk, by=by
    )


def model_name(preset: Preset) -> str:
    """What a preset may be called on a server: small letters, digits and hyphens."""
    bare = unicodedata.normalize("NFKD", preset.name).encode("ascii", "ignore").decode()
    return UNFIT.sub("-", bare.lower()).strip("-._") or f"preset-{preset.pk}"


def _check_free(name: str, server: Backend) -> None:
    """By the name under which the server would list it: one model has many."""
    listed = LanguageModel.objects.filter(backend=server, listed=True)
    taken = {name_key(each) for each in listed.values_list("name", flat=True)}
    if key_for(name.strip(), server) in taken:
        raise ModelThere(server=server.name, name=name.strip())
